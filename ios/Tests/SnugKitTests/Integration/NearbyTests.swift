import Foundation
import SnugKit
import Testing

extension Rooms {
  @MainActor @Suite("Phones close by, without any network")
  struct NearbyTests {
    @Test("Two phones share a room over the air, and a file")
    func room() async throws {
      let (air, folder) = (Air(), try Folder())
      // Else they would find each other over this machine's network, too.
      let ann = Phone(
        RoomConfiguration(way: .nearby(air.radio()), nickname: "Ann", hidesAddresses: true))
      ann.room.create()
      try await until { ann.room.phase == .inRoom }
      #expect(ann.room.connection.server == .unused && ann.room.link == nil)
      let bob = Phone(RoomConfiguration(way: .nearby(air.radio()), nickname: "Bob"))
      bob.room.join(try #require(ann.room.code))
      try await ann.meets("Bob")
      try await bob.meets("Ann")
      #expect(ann.room.people[0].trust == .verified && ann.room.people[0].path == .nearby)
      #expect(ann.room.connection.nearby == .on(connected: 1))

      ann.room.say("no bars")
      _ = try await bob.hears("no bars")
      let file = try folder.file("map.bin", bytes: 3 << 20)
      bob.room.offer([file])
      let offered = try await ann.isOffered("map.bin")
      ann.room.accept(offered)
      try await until { offered.state.isOver }
      let files = await ann.room.take(offered)
      #expect(try files.map(\.bytes) == [Data(contentsOf: file)])

      await bob.room.leave()
      try await until { ann.room.present.isEmpty }
      #expect(bob.room.connection.nearby == .off)
    }

    @Test("A phone that goes out of reach comes back to the same room")
    func outOfReach() async throws {
      let air = Air()
      let ann = Phone(
        RoomConfiguration(way: .nearby(air.radio()), nickname: "Ann", hidesAddresses: true))
      ann.room.create()
      try await until { ann.room.phase == .inRoom }
      let bob = Phone(RoomConfiguration(way: .nearby(air.radio()), nickname: "Bob"))
      bob.room.join(try #require(ann.room.code))
      try await ann.meets("Bob")
      try await bob.meets("Ann")
      await air.silence()
      try await until {
        ann.room.connection.nearby == .on(connected: 0)
          && bob.room.connection.nearby == .on(connected: 0)
      }
      ann.room.say("are you there?")
      await air.clear()
      _ = try await bob.hears("are you there?")
      try await until { ann.room.connection.nearby == .on(connected: 1) }
      #expect(ann.room.people.count == 1, "Bob came back as himself")
    }

    @Test("Whoever has another code is not even connected to")
    func strangers() async throws {
      let air = Air()
      var rooms: [Phone] = []
      for name in ["Ann", "Eve"] {
        let opener = Phone(RoomConfiguration(way: .nearby(air.radio()), nickname: name))
        opener.room.create()
        try await until { opener.room.phase == .inRoom }
        let joiner = Phone(RoomConfiguration(way: .nearby(air.radio()), nickname: "Bob"))
        joiner.room.join(try #require(opener.room.code))
        try await opener.meets("Bob")
        rooms += [opener, joiner]
      }
      #expect(await air.linkCount == 2)
      #expect(rooms.allSatisfy { $0.room.people.count == 1 })
    }

    @Test("A radio that may not be used ends the visit, and says what to do")
    func notAllowed() async throws {
      let ann = Phone(RoomConfiguration(way: .nearby(NoRadio())))
      ann.room.create()
      try await until { ann.room.isOver }
      guard case .ended(let ending) = ann.room.phase, case .nearbyUnavailable = ending else {
        Issue.record("it says \(ann.room.phase)")
        return
      }
      #expect(ending.remedy == .allowNearby)
    }
  }
}

/// A radio that the person has not allowed.
private actor NoRadio: NearbyTransport {
  struct NotAllowed: Error {}

  func start(_ advertisement: NearbyAdvertisement) async throws -> AsyncStream<NearbyEvent> {
    throw NotAllowed()
  }

  func send(_ frame: Data, to peer: NearbyPeer) async throws {
    throw NotAllowed()
  }

  func disconnect(_ peer: NearbyPeer) async {}

  func stop() async {}
}
