import SnugKit
import SnugShared
import SwiftUI

/// One of the others: who they are, how sure that is, and how they are connected.
struct PersonRow: View {
  let room: RoomModel
  let person: Person
  let compare: @MainActor () -> Void

  var body: some View {
    HStack(alignment: .top, spacing: Space.near) {
      Avatar(id: person.id, name: name)
      VStack(alignment: .leading, spacing: Space.hair) {
        Text(verbatim: name).fontWeight(.semibold).foregroundStyle(Palette.ink)
        trust
        reached.font(.footnote).foregroundStyle(isSlow ? Palette.warn : Palette.inkSecond)
        if person.check != nil, person.trust == .verified {
          Button("Compare emoji", action: compare)
            .font(.subheadline)
            .frame(minHeight: fingertip)
        }
      }
    }
    .listRowBackground(Palette.surface)
    .accessibilityElement(children: .combine)
  }

  private var name: String { room.name(of: person.id) }

  private var isSlow: Bool { person.path == .relay }

  @ViewBuilder
  private var trust: some View {
    if let words = person.trust.words {
      Label(words, systemImage: person.trust.symbol)
        .font(.footnote)
        .foregroundStyle(person.trust.isSure ? Palette.good : Palette.warn)
    }
  }

  private var reached: Text {
    let words = Text(person.link.words)
    guard person.rate > 0 else { return words }
    return words + Text(verbatim: " · \(Words.rate(person.rate))")
  }
}

extension Trust {
  /// Only what is not in doubt is shown as sure.
  fileprivate var isSure: Bool {
    switch self {
    case .verified, .compared: true
    case .unknown, .verifying, .unverified, .refused: false
    }
  }

  fileprivate var symbol: String { isSure ? "checkmark.shield" : "exclamationmark.triangle" }

  fileprivate var words: LocalizedStringKey? {
    switch self {
    case .unknown, .verifying, .refused: nil
    case .unverified:
      "Not verified: this room has no words, so anyone may be between you"
    case .verified: "Verified: knows the words of the code"
    case .compared: "Verified, and you compared the emoji"
    }
  }
}

extension LinkState {
  fileprivate var words: LocalizedStringKey {
    switch self {
    case .connecting: "Connecting"
    case .verifying: "Checking the words"
    case .connected(_, .direct): "direct"
    case .connected(_, .turn): "through a relay"
    case .connected(_, .relay): "through the server, slow"
    case .connected(_, .nearby): "nearby, without a network"
    case .reconnecting: "On the way back"
    case .failed:
      "Out of reach. Another try follows; both being on one network often helps."
    case .refused(let refusal): refusal.toMembers
    }
  }
}
