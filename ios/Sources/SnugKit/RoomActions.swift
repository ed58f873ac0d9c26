import Foundation

// What a person does. Nothing here fails at once: what cannot be done comes back as a notice, a
// state of a transfer, or the end.
extension RoomModel {
  /// Opens a room and enters it. `secrecy` is what its code has besides the room, and `capacity`
  /// the number of seats, if not the server's default.
  public func create(secrecy: Code.Secrecy = .words, capacity: Int? = nil) {
    begin(.create(secrecy, capacity: capacity))
  }

  /// Enters a room.
  public func join(_ code: Code) {
    begin(.join(code))
  }

  /// Leaves the room for good. Returns once everything is closed. What is in memory is gone.
  public func leave() async {
    await end()
  }

  /// Says something to everyone; at most 16 KiB.
  public func say(_ text: String, replyingTo message: Message? = nil) {
    let to = message?.id.rawValue
    command { try await $0.say(text: text, replyTo: to) }
  }

  /// Gives one of this member's own messages another text.
  public func edit(_ message: Message, _ text: String) {
    command { try await $0.edit(message: message.id.rawValue, text: text) }
  }

  /// Takes one of this member's own messages back.
  public func delete(_ message: Message) {
    command { try await $0.delete(message: message.id.rawValue) }
  }

  /// Sets this member's reaction to a message, or takes it back if it is set.
  public func react(to message: Message, _ emoji: String) {
    guard let me else { return }
    let isSet = message.reactions.contains { $0.emoji == emoji && $0.by.contains(me) }
    command { try await $0.react(message: message.id.rawValue, emoji: emoji, on: !isSet) }
  }

  /// Tells the others that this member is typing, or stopped. Call it on every key.
  public func typing(_ on: Bool) {
    command { try await $0.typing(on: on) }
  }

  /// A person has seen every message so far.
  public func markRead() {
    guard unread > 0 else { return }
    unread = 0
    command { try await $0.markRead() }
  }

  /// Changes how this member is called.
  public func rename(_ nickname: String) {
    self.nickname = nickname
    command { try await $0.setProfile(nickname: nickname, camera: false, microphone: false) }
  }

  /// This person compared the emoji with the other: they are the same, or not.
  public func compared(_ person: Person, same: Bool) {
    person.isCompared = same && person.check != nil
  }

  /// Looks for everybody again, now.
  public func retry() {
    networkChanged()
  }

  /// The phone has another network: looks at every path again.
  public func networkChanged() {
    visit?.session.networkChanged()
  }

  /// The app goes to the background, where the system may stop it at any time.
  public func enteredBackground() {
    isInBackground = true
    visit?.session.enteredBackground()
  }

  /// The app is back: looks at every path again.
  public func enteredForeground() {
    isInBackground = false
    visit?.session.enteredForeground()
  }

  /// The last notice was seen.
  public func dismissNotice() {
    notice = nil
  }
}
