import Foundation
import SnugKit
import Testing

extension Rooms {
  @MainActor
  @Suite(
    "A room with a page in it",
    .enabled(if: Invitation.folder != nil, "it takes a browser: scripts/swift page"))
  struct MeetingTests {
    // The other side, in apps/web/e2e/phones.test.ts, looks at the bytes.
    @Test("A phone, a page and a command line talk, and give each other files")
    func meeting() async throws {
      let folder = try #require(Invitation.folder)
      let invitation = try Invitation(in: folder)
      let cy = try await Phone.enters(try Phone.read(invitation.code), invitation.server, "Cy")
      try await cy.meets("Ann", "Bob")
      try await until {
        cy.room.people.allSatisfy { $0.trust == .verified && $0.path == .direct }
      }
      cy.room.say("from the phone")
      let own = cy.room.offer([folder.appending(path: "phone.bin")])
      let mine = try await cy.hears("from the phone")
      _ = try await cy.hears("from the page")
      _ = try await cy.hears("from the command line")

      var taken: [Transfer] = []
      for name in ["page.bin", "snug.bin"] {
        let offered = try await cy.isOffered(name)
        cy.room.accept(offered, into: .folder(folder.appending(path: "inbox")))
        taken.append(offered)
      }
      try await until { taken.allSatisfy(\.state.isOver) }
      for transfer in taken {
        guard case .done = transfer.state else {
          Issue.record("\(transfer.offer.name) says \(transfer.state)")
          continue
        }
      }
      try await until { own.receivers.map(\.state) == [.delivered, .delivered] }
      try await until { cy.room.reach(of: mine) != .sent }
      await cy.room.leave()
    }
  }
}

/// What the page's side leaves for the phone in a folder, which also has what it gives, `phone.bin`,
/// and a place for what it takes, `inbox`.
private struct Invitation: Decodable {
  let server: String
  let code: String

  /// The folder, if there is a page.
  static var folder: URL? {
    let path = ProcessInfo.processInfo.environment["SNUG_MEETING"] ?? ""
    return path.isEmpty ? nil : URL(fileURLWithPath: path)
  }

  init(in folder: URL) throws {
    let file = folder.appending(path: "invitation.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}
