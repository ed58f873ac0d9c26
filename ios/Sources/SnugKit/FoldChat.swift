import Foundation
import SnugFFI

// What is said.
extension RoomModel {
  func foldChat(_ event: SnugFFI.Event, _ now: Date) {
    switch event {
    case .message(let said): foldMessage(said, now)
    case .edited(let id, let text):
      change(id) {
        $0.text = text
        $0.isEdited = true
      }
    case .deleted(let id):
      change(id) {
        $0.text = nil
        $0.reactions = []
      }
    case .reacted(let id, let peer, let emoji, let on):
      change(id) { foldReaction($0, emoji, PersonID(rawValue: peer), on) }
    default: break
    }
  }

  private func foldMessage(_ said: Said, _ now: Date) {
    let id = MessageID(rawValue: said.id)
    if let known = messages[id] {
      known.text = said.text
      return
    }
    // Somebody's clock may say anything.
    let claimed = Date(timeIntervalSince1970: Double(said.sentAt) / 1000)
    let at = min(max(claimed, now.addingTimeInterval(-86_400)), now.addingTimeInterval(60))
    let message = Message(said, sentAt: at, arrival: arrivals)
    messages[id] = message
    let place = TimelinePlace(lamport: said.lamport, author: message.author, arrival: arrivals)
    insert(TimelineEntry(id: arrivals, at: at, content: .message(id), place: place))
    arrivals += 1
    guard !message.isMine else { return }
    unread += 1
    person(message.author)?.isTyping = false
    listeners.tell(.message(id))
  }

  private func foldReaction(_ message: Message, _ emoji: String, _ person: PersonID, _ on: Bool) {
    let at = message.reactions.firstIndex { $0.emoji == emoji }
    var by = at.map { message.reactions[$0].by } ?? []
    by.removeAll { $0 == person }
    if on { by.append(person) }
    if let at {
      message.reactions[at].by = by
    } else if message.reactions.count < Self.reactionsLimit {
      message.reactions.append(Reaction(emoji: emoji, by: by))
    }
    message.reactions.removeAll { $0.by.isEmpty }
    if on && message.isMine && person != me {
      listeners.tell(.reaction(message.id, emoji: emoji, by: person))
    }
  }

  private func change(_ id: String, _ change: (Message) -> Void) {
    if let message = messages[MessageID(rawValue: id)] { change(message) }
  }

  /// Different reactions that fit under a message.
  static let reactionsLimit = 24
}
