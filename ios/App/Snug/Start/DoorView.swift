import SnugKit
import SnugShared
import SwiftUI

/// A link was opened, or a code scanned. Nothing happens before a tap: nobody is taken into a room
/// by something that they looked at.
struct DoorView: View {
  @Environment(Whereabouts.self) private var whereabouts
  @State private var entry: CodeEntry
  /// Whether these words have opened nothing before: they can be changed then.
  private let isWrong: Bool

  init(invitation: Invitation, isWrong: Bool) {
    self.isWrong = isWrong
    _entry = State(initialValue: CodeEntry(text: invitation.text))
  }

  var body: some View {
    Page {
      Heading(
        title: "You are invited",
        text: "Someone gave you the code of a room. Nothing happens until you come in.")
      Card {
        if let code = entry.code, !isWrong {
          WholeCode(code: code)
        } else {
          CodeField(entry: entry)
        }
        OptionsView()
        Button("Come in") {
          if let code = entry.code { whereabouts.enter(.join(code)) }
        }
        .buttonStyle(.filled)
        .disabled(entry.code == nil)
        Button("Something else") { whereabouts.start() }.buttonStyle(.outline)
      }
    }
  }
}

/// A code that is whole, to be looked at.
private struct WholeCode: View {
  let code: Code

  var body: some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      Text("Code of this room").font(.footnote).foregroundStyle(Palette.inkSecond)
      Text(verbatim: code.text).font(.title3.weight(.semibold)).foregroundStyle(Palette.ink)
      if let server = code.server, server != Server.address {
        Label("On another server: \(server)", systemImage: "server.rack")
          .font(.footnote)
          .foregroundStyle(Palette.warn)
      }
    }
    .accessibilityElement(children: .combine)
  }
}
