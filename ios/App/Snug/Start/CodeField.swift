import SnugKit
import SnugShared
import SwiftUI

/// The code, with help while it is typed. The engine reads it; here is only shown what it says.
struct CodeField: View {
  @Bindable var entry: CodeEntry
  @FocusState private var isFocused: Bool

  var body: some View {
    VStack(alignment: .leading, spacing: Space.tight) {
      Text("Code of the room").font(.subheadline.weight(.medium)).foregroundStyle(Palette.ink)
      TextField("K7Q4X9 otter lemon cloud ferry", text: $entry.text, axis: .vertical)
        .textInputAutocapitalization(.never)
        .autocorrectionDisabled()
        .keyboardType(.asciiCapable)
        .submitLabel(.done)
        .focused($isFocused)
        .field(edge: edge)
        .accessibilityLabel("Code of the room")
      CodeHelpLines(entry: entry) { isFocused = true }
    }
    .sensoryFeedback(.success, trigger: entry.code) { before, now in before == nil && now != nil }
  }

  private var edge: Color {
    if entry.code != nil { return Palette.good }
    return entry.help?.problem.isMistake == true ? Palette.warn : Palette.edge
  }
}

/// What is missing in a code, or wrong with it, and what was perhaps meant.
private struct CodeHelpLines: View {
  let entry: CodeEntry
  let chosen: @MainActor () -> Void

  var body: some View {
    VStack(alignment: .leading, spacing: Space.tight) {
      if let code = entry.code {
        Label("That is a whole code.", systemImage: "checkmark").foregroundStyle(Palette.good)
        Text(verbatim: code.text).foregroundStyle(Palette.inkSecond)
      } else if let help = entry.help {
        line(help).foregroundStyle(Palette.inkSecond)
      }
      if !entry.suggestions.isEmpty {
        Text("Did you mean").foregroundStyle(Palette.inkSecond)
        Flow {
          ForEach(entry.suggestions, id: \.self) { suggestion in
            Button {
              entry.choose(suggestion)
              chosen()
            } label: {
              Text(verbatim: suggestion)
            }
            .buttonStyle(.small)
          }
        }
      }
    }
    .font(.footnote)
  }

  private func line(_ help: CodeHelp) -> Text {
    let sentence = Text(help.problem.sentence)
    guard let word = help.word else { return sentence }
    return sentence + Text(verbatim: " ") + Text(verbatim: word).bold()
  }
}

extension CodeProblem {
  /// What is not finished yet is no mistake.
  fileprivate var isMistake: Bool {
    switch self {
    case .empty, .wordCount, .room: false
    case .bareLink, .character, .unknownWord, .ambiguousWord, .other: true
    }
  }

  fileprivate var sentence: LocalizedStringKey {
    switch self {
    case .empty: "Six letters or digits and four words, as somebody told you."
    case .bareLink: "This link has no code. Ask for the whole link or the code."
    case .character: "There is a character in it that no code has."
    case .room: "A code begins with six letters or digits, such as K7Q4X9."
    case .wordCount: "Four words belong to it."
    case .unknownWord: "This word is not in any code:"
    case .ambiguousWord: "A little more of this word, please:"
    case .other: "This is not a code."
    }
  }
}
