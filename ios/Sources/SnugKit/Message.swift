import Foundation
import Observation
import SnugFFI

/// A message as it stands in the room.
@MainActor @Observable
public final class Message: Identifiable {
  /// Names it.
  public nonisolated let id: MessageID
  /// Who said it.
  public nonisolated let author: PersonID
  /// Whether it is this member's own.
  public nonisolated let isMine: Bool
  /// When it was said, by the author's clock, but never far from when it came.
  public nonisolated let sentAt: Date
  /// Whether others that come later in the order were already there.
  public nonisolated let isLate: Bool
  /// Which message it answers.
  public nonisolated let replyTo: MessageID?
  /// The latest text; nothing once it was taken back.
  public internal(set) var text: String?
  /// Whether the text is another than at first.
  public internal(set) var isEdited = false
  /// Reactions, in the order in which they came.
  public internal(set) var reactions: [Reaction] = []
  /// The author's count of entries.
  nonisolated let number: UInt64
  /// When it came, in arrivals.
  nonisolated let arrival: Int

  /// Whether it was taken back.
  public var isDeleted: Bool {
    text == nil
  }

  init(_ said: SnugFFI.Said, sentAt: Date, arrival: Int) {
    id = MessageID(rawValue: said.id)
    author = PersonID(rawValue: said.author)
    isMine = said.mine
    self.sentAt = sentAt
    isLate = said.late
    replyTo = said.replyTo.map { MessageID(rawValue: $0) }
    text = said.text
    number = said.seq
    self.arrival = arrival
  }
}

/// An emoji under a message.
public struct Reaction: Sendable, Equatable, Identifiable {
  /// Usually one emoji.
  public let emoji: String
  /// Who set it.
  public internal(set) var by: [PersonID]

  /// The emoji: there is each only once.
  public var id: String { emoji }
}

/// How far one of this member's own messages has got.
public enum Reach: String, Sendable, CaseIterable, Comparable {
  /// Sent, and not everywhere yet. Also when nobody was there to get it.
  case sent
  /// It arrived at everyone who was there.
  case delivered
  /// Everyone who was there has seen it.
  case read

  /// Further is larger.
  public static func < (one: Self, other: Self) -> Bool {
    one.order < other.order
  }

  private var order: Int {
    switch self {
    case .sent: 0
    case .delivered: 1
    case .read: 2
    }
  }
}
