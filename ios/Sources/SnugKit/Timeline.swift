import Foundation

/// One thing in the timeline of a room.
public struct TimelineEntry: Sendable, Equatable, Identifiable {
  /// Tells it from other entries; stays the same.
  public let id: Int
  /// When it was said or happened.
  public let at: Date
  /// What it is.
  public let content: Content
  let place: TimelinePlace

  /// What stands in a timeline.
  public enum Content: Sendable, Equatable {
    /// A message: see ``RoomModel/message(_:)``.
    case message(MessageID)
    /// Something on offer: see ``RoomModel/transfer(_:)``.
    case transfer(Transfer.ID)
    /// A quiet line.
    case note(Note)
  }

  /// A quiet line.
  public enum Note: Sendable, Equatable {
    /// A member came in.
    case joined(PersonID)
    /// A member left: said so, or vanished.
    case left(PersonID, saidGoodbye: Bool)
    /// A member sent something that breaks the rules.
    case misbehaved(PersonID)
  }
}

/// Where an entry stands: all members share the order of messages, the rest is by arrival.
struct TimelinePlace: Sendable, Equatable {
  let lamport: UInt64
  /// Nobody for what is no message: it stands behind the messages that it came after.
  let author: PersonID?
  let arrival: Int

  func isBefore(_ other: Self) -> Bool {
    if lamport != other.lamport { return lamport < other.lamport }
    // What is no message stays where it came.
    guard let author, let otherAuthor = other.author else { return arrival < other.arrival }
    return author < otherAuthor
  }
}

/// The order of what is shown.
struct Timeline {
  private(set) var entries: [TimelineEntry] = []

  /// What one scrolls through at most. The engine keeps no more either.
  static let limit = 2_000

  /// Puts an entry where it belongs, nearly always at the end. Gives back what fell out.
  mutating func insert(_ entry: TimelineEntry) -> TimelineEntry? {
    var at = entries.endIndex
    while at > 0, entry.place.isBefore(entries[at - 1].place) { at -= 1 }
    entries.insert(entry, at: at)
    return entries.count > Self.limit ? entries.removeFirst() : nil
  }

  /// Takes something out.
  mutating func remove(_ content: TimelineEntry.Content) {
    entries.removeAll { $0.content == content }
  }

  /// The place of what is no message: behind everything that is there.
  func lastPlace(arrival: Int) -> TimelinePlace {
    TimelinePlace(lamport: entries.last?.place.lamport ?? 0, author: nil, arrival: arrival)
  }
}
