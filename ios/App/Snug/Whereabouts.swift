import Foundation
import Observation
import SnugKit

/// Where somebody is: at the start, before a door, or on a visit. And the ways between.
@MainActor @Observable
final class Whereabouts {
  private(set) var screen = Screen.start
  /// Whether it is asked if one wants to go back into the room that the system ended.
  var offersReturn = false
  /// What was typed before, so that nobody types it twice while the app is open.
  var nickname = ""
  var hidesAddresses = false
  var isNearby = false

  private var kept: KeptRoom?
  @ObservationIgnored private let keeper = RoomKeeper()

  init() {
    Luggage.clear()
  }

  enum Screen: Equatable {
    case start
    /// A link was opened or scanned: nobody is let in before they say so.
    case door(Invitation, isWrong: Bool)
    case visit(Visit)
  }

  /// The visit, while there is one that is not over.
  var visit: Visit? {
    guard case .visit(let visit) = screen, !visit.room.isOver else { return nil }
    return visit
  }

  func start() {
    screen = .start
  }

  /// Somebody came with a link or a code. Who is in a room stays there.
  func knock(with given: String) {
    guard visit == nil else { return }
    offersReturn = false
    screen = .door(Invitation(given), isWrong: false)
  }

  func enter(_ way: Wishes.Way) {
    keeper.forget()
    var server = Server.address
    // A link leads to the server that it is of.
    if case .join(let code) = way, let own = code.server { server = own }
    visit(
      Wishes(
        way: way, server: isNearby ? nil : server,
        nickname: nickname.trimmingCharacters(in: .whitespacesAndNewlines),
        hidesAddresses: hidesAddresses))
  }

  /// The same again, after an end. The same wrong words would be wrong again: they can be changed.
  func again(_ visit: Visit) {
    let wishes = visit.wishesToReturn
    if case .ended(.keptOut) = visit.room.phase, case .join(let code) = wishes.way {
      let link = wishes.server.flatMap { code.link(server: $0) }
      screen = .door(Invitation(link ?? code.text), isWrong: true)
    } else {
      self.visit(wishes)
    }
  }

  /// Leaves; from a room by the screen that says so.
  func leave(_ visit: Visit) async {
    if visit.room.code == nil { start() }
    await visit.leave()
  }

  /// Whether the system ended the app while it was in a room.
  func lookForSavedRoom() {
    guard screen == .start else { return }
    kept = keeper.recall()
    offersReturn = kept != nil
  }

  func comeBack() {
    guard let kept else { return }
    self.kept = nil
    visit(
      Wishes(
        way: .back(kept), server: kept.room.server, nickname: kept.room.nickname,
        hidesAddresses: kept.room.hidesAddresses))
  }

  func forgetSavedRoom() {
    kept = nil
    keeper.forget()
  }

  private func visit(_ wishes: Wishes) {
    let visit = Visit(wishes: wishes, keeper: keeper)
    screen = .visit(visit)
    // Whatever is shown meanwhile, it lasts until the room is over.
    Task { await visit.attend() }
  }
}

/// How to come in.
struct Wishes {
  var way: Way
  /// Who introduces people; nobody, where phones close by find each other.
  var server: String?
  var nickname: String
  var hidesAddresses: Bool

  enum Way: Equatable {
    case create
    case join(Code)
    /// After the system ended the app.
    case back(KeptRoom)
  }
}
