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

  /// Comes back into a room after the system ended the app. What was being received goes on
  /// once it is offered again.
  public func restore(_ saved: SavedRoom) {
    guard case .complete(let code) = Code.read(saved.code) else {
      return finish(.roomNotFound)
    }
    resuming = saved.receiving
    begin(.join(code))
  }

  /// Leaves the room for good. Returns once everything is closed. What is in memory is gone.
  public func leave() async {
    await end(.left)
  }

  /// Says something to everyone; at most 16 KiB.
  public func say(_ text: String, replyingTo message: Message? = nil) {
    command { await $0.say(text, replyTo: message?.id) }
  }

  /// Gives one of this member's own messages another text.
  public func edit(_ message: Message, _ text: String) {
    command { await $0.edit(message.id, text) }
  }

  /// Takes one of this member's own messages back.
  public func delete(_ message: Message) {
    command { await $0.delete(message.id) }
  }

  /// Sets this member's reaction to a message, or takes it back if it is set.
  public func react(to message: Message, _ emoji: String) {
    guard let me else { return }
    let isSet = message.reactions.contains { $0.emoji == emoji && $0.by.contains(me) }
    command { await $0.react(message.id, emoji, on: !isSet) }
  }

  /// Tells the others that this member is typing, or stopped. Call it on every key.
  public func typing(_ on: Bool) {
    command { await $0.typing(on) }
  }

  /// A person has seen every message so far.
  public func markRead() {
    guard unread > 0 else { return }
    unread = 0
    command { await $0.markRead() }
  }

  /// Changes how this member is called.
  public func rename(_ nickname: String) {
    self.nickname = nickname
    command { await $0.rename(nickname) }
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
    command { await $0.networkChanged() }
  }

  /// The app goes to the background, where the system may stop it at any time.
  public func enteredBackground() {
    isInBackground = true
    command { await $0.enteredBackground() }
  }

  /// The app is back: looks at every path again.
  public func enteredForeground() {
    isInBackground = false
    command { await $0.enteredForeground() }
  }

  /// The last notice was seen.
  public func dismissNotice() {
    notice = nil
  }
}
