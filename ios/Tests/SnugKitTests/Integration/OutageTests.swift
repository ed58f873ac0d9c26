import Foundation
import SnugKit
import Testing

extension Rooms {
  @MainActor @Suite("Airplane mode, background and restoring")
  struct OutageTests {
    @Test("What goes through the server stops when the phone is cut off, and goes on after it")
    func airplane() async throws {
      let (server, folder, inbox) = (try await TestServer(), try Folder(), try Folder())
      let proxy = try Proxy(to: server.port)
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob", through: proxy.address, hidesAddresses: true)
      try await ann.meets("Bob")
      let file = try folder.file("large.bin", bytes: 8 << 20)
      ann.room.offer([file])
      let offered = try await bob.isOffered("large.bin")
      bob.room.accept(offered, into: .folder(inbox.url))
      try await until { (offered.state.progress?.bytes ?? 0) > 0 }

      let events = bob.room.events()
      bob.room.enteredBackground()
      proxy.cut()
      try await until { bob.room.phase.isReconnecting }
      #expect(!offered.state.isOver)
      proxy.mend()
      bob.room.enteredForeground()
      try await until { bob.room.phase == .inRoom }
      bob.room.say("I am back")
      _ = try await ann.hears("I am back")
      try await until { offered.state.isOver }
      #expect(
        try Data(contentsOf: inbox.url.appending(path: "large.bin")) == Data(contentsOf: file))
      await bob.room.leave()
      var told: [RoomEvent] = []
      for await event in events { told.append(event) }
      #expect(told.contains(.connectionLost) && told.contains(.connectionRestored))
      #expect(ann.room.people.count == 1, "Bob came back as himself")
    }

    @Test("Links between phones outlive the way to the server")
    func linksLiveOn() async throws {
      let server = try await TestServer()
      let proxy = try Proxy(to: server.port)
      let ann = try await Phone.opens(proxy.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      try await bob.meets("Ann")
      proxy.cut()
      try await until { ann.room.phase.isReconnecting && bob.room.phase.isReconnecting }
      ann.room.say("still here")
      _ = try await bob.hears("still here")
      proxy.mend()
      ann.room.networkChanged()
      bob.room.retry()
      try await until { ann.room.phase == .inRoom && bob.room.phase == .inRoom }
      #expect(ann.room.timeline.count == 2, "Bob came in, and the message; nobody left")
    }

    @Test("An app that was ended comes back to its room and goes on where it was")
    func restoring() async throws {
      let (server, folder, inbox) = (try await TestServer(), try Folder(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann", hidesAddresses: true)
      var bob: Phone? = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      let file = try folder.file("large.bin", bytes: 6 << 20)
      ann.room.offer([file])
      try await bob?.beginsToReceive("large.bin", into: inbox.url)
      let kept = try JSONEncoder().encode(try #require(bob?.room.saved()))
      bob = nil
      try await until { ann.room.present.isEmpty }

      let saved = try JSONDecoder().decode(SavedRoom.self, from: kept)
      let back = Phone(try #require(RoomConfiguration(restoring: saved)))
      back.room.restore(saved)
      try await until { back.room.transfers.first?.state.isOver ?? false }
      #expect(back.room.nickname == "Bob")
      #expect(
        try Data(contentsOf: inbox.url.appending(path: "large.bin")) == Data(contentsOf: file))
    }
  }
}

extension Phone {
  /// Takes an offer, and waits until some of it is there.
  fileprivate func beginsToReceive(_ name: String, into folder: URL) async throws {
    let offered = try await isOffered(name)
    room.accept(offered, into: .folder(folder))
    try await until { (offered.state.progress?.bytes ?? 0) > 1 << 20 }
  }
}

extension RoomPhase {
  fileprivate var isReconnecting: Bool {
    if case .reconnecting = self { true } else { false }
  }
}
