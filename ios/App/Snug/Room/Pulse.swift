import SnugKit
import SwiftUI

/// What is felt in the hand, counted, so that the same thing can be felt twice.
struct Pulse: Equatable {
  private(set) var feeling = SensoryFeedback.selection
  private var beats = 0

  mutating func beat(_ feeling: SensoryFeedback) {
    self.feeling = feeling
    beats += 1
  }
}

extension RoomEvent {
  /// How it feels. What happens all the time is not felt.
  var feeling: SensoryFeedback? {
    switch self {
    case .entered, .received: .success
    case .joined, .verified: .impact(weight: .medium)
    case .left: .impact(weight: .light)
    case .message, .offered, .reaction: .impact(weight: .light, intensity: 0.6)
    case .connectionLost, .wrongGuess, .misbehaved: .warning
    case .transferFailed, .notice: .error
    case .ended(let ending): ending == .left ? nil : .error
    case .connectionRestored, .delivered: nil
    }
  }

  /// Tells who cannot see the screen what happened on it.
  @MainActor
  func announce(in room: RoomModel) {
    guard let words = words(in: room) else { return }
    AccessibilityNotification.Announcement(words).post()
  }

  @MainActor
  private func words(in room: RoomModel) -> String? {
    switch self {
    case .joined(let id): return String(localized: "\(room.name(of: id)) came in")
    case .left(let id, saidGoodbye: true): return String(localized: "\(room.name(of: id)) has left")
    case .left(let id, saidGoodbye: false):
      return String(localized: "\(room.name(of: id)) is gone. The connection was lost.")
    case .message(let id):
      guard let message = room.message(id), let text = message.text else { return nil }
      return "\(room.name(of: message.author)): \(Tame.text(text).prefix(200))"
    case .offered(let id):
      guard let transfer = room.transfer(id), case .incoming(let from) = transfer.direction else {
        return nil
      }
      return String(localized: "\(room.name(of: from)) offers \(Tame.name(transfer.offer.name))")
    case .received(let id):
      guard let transfer = room.transfer(id) else { return nil }
      return String(localized: "\(Tame.name(transfer.offer.name)) is here")
    case .connectionLost:
      return String(localized: "The server is out of reach. Those who are here stay connected.")
    case .connectionRestored: return String(localized: "The server is back.")
    case .entered, .verified, .reaction, .delivered, .transferFailed, .wrongGuess, .misbehaved,
      .notice, .ended:
      return nil
    }
  }
}
