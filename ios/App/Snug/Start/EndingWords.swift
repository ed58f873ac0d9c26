import SnugKit
import SwiftUI

// What is said when a room is over.

extension Ending {
  /// What happened.
  var title: LocalizedStringKey {
    switch self {
    case .left: "You left"
    case .roomNotFound: "There is no such room"
    case .serverRefused: "The server says no"
    case .serverUnreachable: "The server is out of reach"
    case .keptOut: "Not let in"
    case .nearbyUnavailable: "Nobody nearby can be found"
    case .invalid: "That is no server"
    case .crashed: "Something broke, and it is our mistake"
    case .other: "The room is over"
    }
  }

  /// What to do about it.
  var text: LocalizedStringKey {
    switch self {
    case .left: "Nothing of it is kept on this device."
    case .roomNotFound:
      "It never was, it has ended, or it is full. Rooms end five minutes after the last person left. Ask for a new code."
    case .serverRefused:
      "It does not let anybody in at the moment. Try again in a few minutes."
    case .serverUnreachable: "Check that this device is online, then try again."
    case .keptOut(let refusal): refusal.toNewcomer
    case .nearbyUnavailable:
      "Snug may not look for devices nearby. Allow the local network in Settings, and turn on Wi-Fi or Bluetooth."
    case .invalid: "Look at the address of the server, under More."
    case .other: "Open a new one, or come in again."
    case .crashed:
      "You left the room, and what was in it here is gone. The others are still there: come in again."
    }
  }

  /// For whoever looks into it; not translated.
  var detail: String? {
    switch self {
    case .left, .roomNotFound, .keptOut: nil
    case .serverRefused(let detail), .serverUnreachable(let detail), .nearbyUnavailable(let detail),
      .invalid(let detail), .crashed(let detail), .other(let detail):
      detail
    }
  }
}

extension Refusal {
  /// As said to the one who is not let in.
  var toNewcomer: LocalizedStringKey {
    switch self {
    case .wrongWords:
      "These words do not open this room. Ask for the code again, and check each word."
    case .wordsNeeded:
      "This room has words, and the code you have is without them. Ask for the whole code."
    case .openRoom: "This room has no words, and your code has some. Ask for the code again."
    case .closed: "Too many wrong words were tried at this door. Ask them to open another room."
    case .version:
      "Your Snug and theirs do not understand each other. Update this app, or ask them to."
    case .intercepted:
      "Somebody is in between, so nothing was sent. Try another network, and ask for a new code."
    case .impostor: "Somebody in the room is not who they were. Ask for a new room."
    case .silent:
      "The people in the room do not answer. They may be asleep; try again in a moment."
    case .other: "The people in the room do not let you in."
    }
  }

  /// As said to those who are in, of somebody who is not let in.
  var toMembers: LocalizedStringKey {
    switch self {
    case .wrongWords: "Somebody came with wrong words."
    case .wordsNeeded: "Somebody came without the words."
    case .openRoom: "This room has no words, and they came with some."
    case .closed: "Too many wrong words were tried, so nobody new is let in."
    case .version:
      "They use a Snug that yours cannot talk to. The newer one of you should wait for the older to update."
    case .intercepted: "Somebody is in between. Nothing was sent to them."
    case .impostor: "They came back as somebody else."
    case .silent: "They do not answer."
    case .other: "They are not let in."
    }
  }
}
