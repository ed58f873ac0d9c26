/// Something that happened just now, for what a model cannot hold: a haptic, a sound, a
/// notification, words for a screen reader. The models already show it.
public enum RoomEvent: Sendable, Equatable {
  /// The room was entered.
  case entered
  /// The way to the server went down.
  case connectionLost
  /// It is back.
  case connectionRestored
  /// A member came, and is connected.
  case joined(PersonID)
  /// A member left: said so, or vanished.
  case left(PersonID, saidGoodbye: Bool)
  /// The words of a member were checked, and are right.
  case verified(PersonID)
  /// Another said something.
  case message(MessageID)
  /// Another set a reaction to one of this member's own messages.
  case reaction(MessageID, emoji: String, by: PersonID)
  /// Another offers something.
  case offered(Transfer.ID)
  /// A transfer was received whole.
  case received(Transfer.ID)
  /// A member has this member's file.
  case delivered(Transfer.ID, to: PersonID)
  /// A transfer ended early, here or for one receiver.
  case transferFailed(Transfer.ID, TransferFailure)
  /// Wrong words were tried.
  case wrongGuess(count: Int, closed: Bool)
  /// A member sent something that breaks the rules. It was thrown away.
  case misbehaved(PersonID)
  /// Something could not be done.
  case notice(Notice)
  /// The visit is over; nothing follows.
  case ended(Ending)
}

/// Something that a person asked for could not be done.
public enum Notice: String, Sendable, CaseIterable {
  /// The text is empty or too long.
  case textRefused
  /// The name is too long.
  case nicknameTooLong
  /// What was to be offered is not what it claims to be.
  case offerRefused
  /// It is no longer on offer.
  case unknownTransfer
  /// It is somebody else's message, or gone.
  case notYourMessage
  /// No such message.
  case unknownMessage
  /// The room is not entered yet.
  case notInRoom
  /// Too many files are on offer.
  case tooManyOffers
  /// Too much was asked for at once.
  case tooBusy
  /// For a reason that this version does not know.
  case other
}
