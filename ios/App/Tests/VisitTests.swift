import Foundation
import Testing

@testable import SnugApp
@testable import SnugKit

/// What the phone keeps beside a room.
@MainActor
@Suite struct VisitTests {
  @Test func twoOfOneNameAreToldApart() {
    let room = RoomModel(configuration: RoomConfiguration(way: .server("https://snug.example")))
    room.people = ["aaaa1", "bbbb2", "cccc3"].map { Person(id: PersonID(rawValue: $0)) }
    for (person, name) in zip(room.people, ["Ann", "ann", "Ben"]) { person.nickname = name }
    #expect(room.people.map { room.name(of: $0.id) } == ["Ann aaaa", "ann bbbb", "Ben"])
  }

  @Test func whoeverIsCalledLikeThisMemberIsToldApart() {
    let room = RoomModel(
      configuration: RoomConfiguration(way: .server("https://snug.example"), nickname: "Ann"))
    room.people = [Person(id: PersonID(rawValue: "aaaa1"))]
    room.people[0].nickname = "ANN"
    #expect(room.name(of: room.people[0].id) == "ANN aaaa")
  }

  @Test func whatIsOnItsWayIsCounted() {
    let half = TransferProgress(bytes: 50, total: 100, rate: 10)
    let incoming = transfer(.incoming(from: PersonID(rawValue: "a")), .running(half))
    let paused = transfer(.incoming(from: PersonID(rawValue: "a")), .paused(half))
    let outgoing = transfer(.outgoing, .offered)
    outgoing.receivers = [
      Receiver(id: PersonID(rawValue: "a"), state: .sending(half)),
      Receiver(id: PersonID(rawValue: "b"), state: .delivered),
    ]
    let tally = Tally([incoming, paused, outgoing])
    #expect(tally.incoming == 1)
    #expect(tally.outgoing == 1)
    #expect(tally.fraction == 0.5)
    #expect(tally.state(isWaiting: false).secondsLeft == 5)
    #expect(!tally.state(isWaiting: false).waiting)
    #expect(Tally([paused]).isEmpty)
  }

  @Test func aRoomIsRememberedForHalfADayAndForgottenAtOnce() throws {
    let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let keeper = RoomKeeper(folder: folder)
    #expect(keeper.recall() == nil)
    let kept = KeptRoom(room: room(at: .now), folders: [Data([1])])
    keeper.keep(kept)
    #expect(keeper.recall()?.folders == [Data([1])])
    #expect(keeper.recall()?.room.code == "K7Q4X9")
    keeper.forget()
    #expect(keeper.recall() == nil)
    keeper.keep(kept)
    #expect(keeper.recall(now: .now.addingTimeInterval(13 * 60 * 60)) == nil)
    // It did not only look away.
    #expect(keeper.recall() == nil)
  }

  @Test func filesInTheLuggageCannotLeaveIt() throws {
    let luggage = Luggage()
    defer { luggage.empty() }
    for name in ["../../etc/passwd", "a/b", "..", "", "/"] {
      let place = try luggage.place(for: name)
      #expect(!place.lastPathComponent.contains("/"))
      #expect(!place.pathComponents.contains(".."))
    }
    let other = URL.temporaryDirectory.appending(path: UUID().uuidString)
    try Data([1]).write(to: other)
    defer { try? FileManager.default.removeItem(at: other) }
    luggage.remove(other)
    #expect(FileManager.default.fileExists(atPath: other.path(percentEncoded: false)))
  }

  private func transfer(_ direction: Direction, _ state: TransferState) -> Transfer {
    Transfer(
      id: 0, name: nil, direction: direction, offer: Offer(name: "a", size: 100), state: state)
  }

  private func room(at: Date) -> SavedRoom {
    SavedRoom(
      code: "K7Q4X9", server: nil, nickname: "", hidesAddresses: false, receiving: [], savedAt: at)
  }
}
