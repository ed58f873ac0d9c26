import Foundation
import SnugKit
import Testing

extension Rooms {
  @MainActor @Suite("Files in a room")
  struct FileTests {
    @Test("50 MiB go from one phone to the other and to a command line, and back")
    func large() async throws {
      let (server, folder, inbox) = (try await TestServer(), try Folder(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      let code = try #require(ann.room.code?.text)
      let cy = try CommandLinePeer(
        server.address, ["join", code, "--name", "Cy", "--save", inbox.url.path])
      try await ann.meets("Bob", "Cy")
      try await bob.meets("Ann", "Cy")

      let out = try folder.file("out.bin", bytes: 50 << 20)
      let own = ann.room.offer([out])
      let offered = try await bob.isOffered("out.bin")
      bob.room.accept(offered, into: .folder(inbox.url))
      let told = try await cy.until("offered")
      let other = try Folder()
      try cy.does(["do": "accept", "transfer": told["transfer"] ?? "", "save": other.url.path])
      try await until { offered.state.isOver }
      try expectSame(try place(offered), out)
      _ = try await cy.until("received")
      try expectSame(other.url.appending(path: "out.bin"), out)
      try await until { own.receivers.map(\.state) == [.delivered, .delivered] }
      #expect(own.offer.size == 50 << 20)

      let back = try folder.file("back.bin", bytes: 50 << 20, seed: 2)
      try cy.does(["do": "send", "path": back.path])
      for phone in [ann, bob] {
        let (offered, inbox) = (try await phone.isOffered("back.bin"), try Folder())
        phone.room.accept(offered, into: .folder(inbox.url))
        try await until { offered.state.isOver }
        try expectSame(try place(offered), back)
      }
    }

    @Test("A picture arrives in memory with its preview, and is taken once")
    func picture() async throws {
      let (server, folder) = (try await TestServer(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann")
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      let file = folder.url.appending(path: "dot.png")
      try png.write(to: file)
      ann.room.offer([file])
      let offered = try await bob.isOffered("dot.png")
      #expect(offered.offer.mediaType == "image/png")
      #expect(offered.offer.kind == .picture)
      #expect(offered.offer.dimensions == Dimensions(width: 1, height: 1))
      bob.room.accept(offered)
      try await until { offered.state == .done(.memory) }
      let reader = try #require(bob.room.reader(of: offered))
      #expect(try await reader.read(0..<UInt64(png.count)) == png)
      await bob.room.leave()
      #expect(bob.room.unsaved.count == 1, "leaving does not take it away from who holds the model")
      #expect(await bob.room.take(offered) == [ReceivedFile(path: "dot.png", bytes: png)])
      #expect(await bob.room.take(offered).isEmpty)
      #expect(bob.room.unsaved.isEmpty)
    }

    @Test("The end of a film can be read before its middle has arrived")
    func seeking() async throws {
      let (server, folder) = (try await TestServer(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann", hidesAddresses: true)
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      // Through the server, which is slow: it takes minutes for all of it.
      let film = try folder.file("film.mp4", bytes: 64 << 20)
      ann.room.offer([film])
      let offered = try await bob.isOffered("film.mp4")
      bob.room.accept(offered)
      let reader = try #require(bob.room.reader(of: offered))
      let end = reader.size - 1000..<reader.size
      #expect(try await reader.read(end) == Data(contentsOf: film).suffix(1000))
      #expect(!offered.state.isOver)

      let waiting = Task { try await reader.read(32 << 20..<33 << 20) }
      waiting.cancel()
      await #expect(throws: TransferFailure.cancelled) { try await waiting.value }
      let late = Task { try await reader.read(40 << 20..<41 << 20) }
      await bob.room.leave()
      await #expect(throws: TransferFailure.self) { try await late.value }
    }

    @Test("A transfer is paused, goes on, and is cancelled")
    func holding() async throws {
      let (server, folder) = (try await TestServer(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann", hidesAddresses: true)
      let bob = try await Phone.joins(ann, "Bob")
      try await ann.meets("Bob")
      let own = ann.room.offer([try folder.file("large.bin", bytes: 64 << 20)])
      let offered = try await bob.isOffered("large.bin")
      bob.room.accept(offered)
      try await until { (offered.state.progress?.bytes ?? 0) > 0 }
      bob.room.pause(offered)
      try await until { if case .paused = offered.state { true } else { false } }
      bob.room.resume(offered)
      try await until { if case .running = offered.state { true } else { false } }
      bob.room.cancel(offered)
      try await until { offered.state == .failed(.cancelled) }
      try await until { own.receivers.map(\.state) == [.failed(.cancelledByOther)] }
      bob.room.decline(offered)
      ann.room.cancel(own)
      #expect(own.state == .withdrawn)
    }

    @Test("A file that cannot be read is not offered, and nor is one that was cancelled")
    func unreadable() async throws {
      let (server, folder) = (try await TestServer(), try Folder())
      let ann = try await Phone.opens(server.address, "Ann")
      let missing = ann.room.offer([folder.url.appending(path: "missing")])
      try await until { missing.state.isOver }
      guard case .failed(.cannotRead) = missing.state else {
        Issue.record("it says \(missing.state)")
        return
      }
      let sparse = folder.url.appending(path: "large.bin")
      try Data().write(to: sparse)
      try FileHandle(forWritingTo: sparse).truncate(atOffset: 1 << 30)
      let large = ann.room.offer([sparse])
      ann.room.cancel(large)
      try await until { large.state == .failed(.cancelled) }
    }

    private func place(_ transfer: Transfer) throws -> URL {
      guard case .done(.folder(let place)) = transfer.state else {
        throw NotThere(state: transfer.state)
      }
      return place
    }

    /// Without printing 50 MiB if they differ.
    private func expectSame(_ one: URL, _ other: URL) throws {
      let isSame = try Data(contentsOf: one) == Data(contentsOf: other)
      #expect(isSame, "\(one.lastPathComponent) is not what was sent")
    }

    private struct NotThere: Error {
      let state: TransferState
    }
  }
}

/// One red dot.
private let png = Data(
  base64Encoded: """
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJg\
    gg==
    """)!
