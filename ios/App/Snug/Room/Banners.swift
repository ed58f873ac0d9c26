import SnugKit
import SnugShared
import SwiftUI

/// What concerns the whole room: one line each, with what to do.
struct Banners: View {
  let visit: Visit
  @State private var guessesSeen = 0
  @State private var relayedSeen: [PersonID] = []

  private var room: RoomModel { visit.room }

  var body: some View {
    VStack(spacing: 0) {
      if case .offline(let outage) = room.connection.server {
        OutageBanner(outage: outage) { room.retry() }
      }
      guesses
      if !room.connection.keptApart.isEmpty {
        Banner(
          symbol: "exclamationmark.triangle", tone: Palette.bad,
          content: Text(
            "Others here see \(room.names(of: room.connection.keptApart)), and you do not. Somebody may be keeping you apart. Ask aloud who is here."
          ))
      }
      if !relayed.isEmpty, relayed != relayedSeen {
        Banner(
          symbol: "tortoise", tone: Palette.warn,
          content: Text(
            "No direct way to \(room.names(of: relayed)). It works, sealed, through the server, but files are slow. Being on one network helps."
          )
        ) { relayedSeen = relayed }
      }
      if case .failed = room.connection.nearby {
        Banner(
          symbol: "dot.radiowaves.left.and.right", tone: Palette.warn,
          content: Text("Phones nearby cannot be looked for. Allow the local network in Settings."))
      }
      if let notice = room.notice {
        Banner(
          symbol: "exclamationmark.triangle", tone: Palette.bad, content: Text(notice.words)
        ) { room.dismissNotice() }
      }
    }
    .settling(room.connection)
    .settling(room.notice)
  }

  @ViewBuilder
  private var guesses: some View {
    let wrong = room.connection.wrongGuesses
    if room.connection.isClosedToNewcomers {
      Banner(
        symbol: "lock", tone: Palette.bad,
        content: Text(
          "Too many wrong words were tried. Nobody new is let in; open another room if someone is missing."
        ))
    } else if wrong > guessesSeen {
      Banner(
        symbol: "lock", tone: Palette.warn,
        content: Text("Somebody tried to come in with wrong words, \(wrong) times.")
      ) { guessesSeen = wrong }
    }
  }

  /// Those who are reached only through the server, unless one wanted it so.
  private var relayed: [PersonID] {
    if visit.wishes.hidesAddresses { return [] }
    return room.present.filter { $0.path == .relay }.map(\.id)
  }
}

/// The server is out of reach, and when it is tried again.
private struct OutageBanner: View {
  let outage: Outage
  let retry: @MainActor () -> Void

  var body: some View {
    Banner(symbol: "wifi.slash", tone: Palette.warn, content: words, isRetried: true, act: retry)
  }

  private var words: some View {
    TimelineView(.periodic(from: .now, by: 1)) { context in
      let left = outage.retryAt.timeIntervalSince(context.date)
      if left > 1 {
        Text(
          "The server is out of reach; the next try is in \(Words.wait(.seconds(left))). Those who are here stay connected, nobody new can come in."
        )
      } else {
        Text("The server is out of reach. Trying again. Those who are here stay connected.")
      }
    }
  }
}

/// One line over the conversation.
private struct Banner<Content: View>: View {
  let symbol: String
  let tone: Color
  let content: Content
  var isRetried = false
  /// Tries again, or has seen it. Nothing where it goes by itself.
  var act: (@MainActor () -> Void)?

  var body: some View {
    HStack(alignment: .firstTextBaseline, spacing: Space.near) {
      Image(systemName: symbol).foregroundStyle(tone).accessibilityHidden(true)
      content.frame(maxWidth: .infinity, alignment: .leading)
      if let act {
        if isRetried {
          Button("Try now", action: act).frame(minHeight: fingertip)
        } else {
          Button("Dismiss", systemImage: "xmark", action: act)
            .labelStyle(.iconOnly)
            .frame(minWidth: fingertip, minHeight: fingertip)
        }
      }
    }
    .font(.footnote)
    .foregroundStyle(Palette.ink)
    .padding(.horizontal, Space.middle)
    .padding(.vertical, Space.tight)
    .background(Palette.surface)
    .overlay(alignment: .bottom) { Rectangle().fill(Palette.line).frame(height: 1) }
    .arriving()
  }
}

extension Notice {
  fileprivate var words: LocalizedStringKey {
    switch self {
    case .textRefused: "This message is empty or too long."
    case .nicknameTooLong: "This name is too long."
    case .offerRefused: "These files cannot be offered."
    case .unknownTransfer: "This is not on offer any more."
    case .notYourMessage: "Only who said it can do that."
    case .unknownMessage: "This message is not here any more."
    case .notInRoom: "The room is not open yet."
    case .tooManyOffers: "Too many files are on offer. Take some back first."
    case .tooBusy: "That was too much at once. Try it again in a moment."
    case .other: "That did not work."
    }
  }
}
