import Foundation
import Observation

/// A visit to a room: everything a person sees of it, and all they can do in it.
///
/// Make one, call ``create(secrecy:capacity:)`` or ``join(_:)``, and show what it says. All rules are in
/// the engine; this folds what the engine tells into models. A visit ends with ``leave()``, or
/// by itself with ``RoomPhase/ended(_:)``; another takes another model.
@MainActor @Observable
public final class RoomModel {
  /// How this member takes part.
  public let configuration: RoomConfiguration
  /// Where the visit stands.
  public internal(set) var phase = RoomPhase.idle
  /// How others come in, once the room is entered.
  public internal(set) var code: Code?
  /// Who this member is, once the room is entered.
  public internal(set) var me: PersonID?
  /// How this member is called.
  public internal(set) var nickname: String
  /// Everybody who was ever met, in the order of their coming.
  public internal(set) var people: [Person] = []
  /// Everything on offer, in the order in which it came.
  public internal(set) var transfers: [Transfer] = []
  /// What of the room can be reached.
  public internal(set) var connection = ConnectionState()
  /// What could not be done last, until it is dismissed.
  public internal(set) var notice: Notice?
  /// Messages and offers of others that nobody has looked at.
  public internal(set) var unread = 0
  /// Whether the app is in the background.
  public internal(set) var isInBackground = false

  /// Messages by name; their order is in the timeline.
  var messages: [MessageID: Message] = [:]
  /// What is shown, in order.
  var history = Timeline()
  /// Counts what came, so that things can be told apart and ordered.
  @ObservationIgnored var arrivals = 0
  /// The engine and what runs beside it, while the visit lasts.
  @ObservationIgnored var visit: Visit?
  /// Where things that were accepted go.
  @ObservationIgnored var destinations: [TransferID: Destination] = [:]
  /// What a visit that ended early was receiving.
  @ObservationIgnored var resuming: [SavedRoom.Receiving] = []
  /// Who listens to events.
  @ObservationIgnored let listeners = Listeners()

  /// A visit that has not begun.
  public init(configuration: RoomConfiguration) {
    self.configuration = configuration
    nickname = configuration.nickname
  }

  /// What happens from now on. Each caller gets all of it; who does not keep up misses the oldest.
  /// The sequence ends with the visit.
  public func events() -> AsyncStream<RoomEvent> {
    listeners.add(isOver: isOver)
  }

  /// Whether the visit is over.
  public var isOver: Bool {
    if case .ended = phase { true } else { false }
  }

  /// What is shown, from the top to the bottom.
  public var timeline: [TimelineEntry] {
    history.entries
  }

  /// Those who are in the room now.
  public var present: [Person] {
    people.filter(\.isHere)
  }

  /// Those who are typing now.
  public var typing: [Person] {
    people.filter { $0.isHere && $0.isTyping }
  }

  /// The link that lets others in, once the room is entered; nothing without a server.
  public var link: String? {
    guard let code, let server = configuration.server else { return nil }
    return code.link(server: server)
  }

  /// A member, if ever met.
  public func person(_ id: PersonID) -> Person? {
    people.first { $0.id == id }
  }

  /// A message, if it is still there.
  public func message(_ id: MessageID) -> Message? {
    messages[id]
  }

  /// A transfer.
  public func transfer(_ id: Transfer.ID) -> Transfer? {
    transfers.first { $0.id == id }
  }

  /// How far one of this member's own messages has got. Counts only those who were there when it
  /// was said: nobody else gets it.
  public func reach(of message: Message) -> Reach {
    let audience = people.filter {
      $0.isHere && $0.path != nil && $0.since < message.arrival
    }
    if audience.isEmpty { return .sent }
    if audience.allSatisfy({ $0.read >= message.number }) { return .read }
    return audience.allSatisfy { $0.delivered >= message.number } ? .delivered : .sent
  }

  /// Who has seen one of this member's own messages.
  public func readers(of message: Message) -> [Person] {
    people.filter { $0.since < message.arrival && $0.read >= message.number }
  }

  /// Transfers that are on their way: leaving would end them.
  public var running: [Transfer] {
    if isOver { return [] }
    return transfers.filter { transfer in
      switch transfer.state {
      case .hashing, .checking, .running, .paused, .stalled, .stranded: true
      case .offered: transfer.receivers.contains { $0.isSending }
      case .done, .failed, .declined, .withdrawn: false
      }
    }
  }

  /// Files that are in memory and nowhere else: leaving would lose them.
  public var unsaved: [Transfer] {
    transfers.filter { $0.state == .done(.memory) && !$0.isTaken }
  }
}

extension Receiver {
  var isSending: Bool {
    if case .sending = state { true } else { false }
  }
}
