import Foundation
import Observation

/// A field in which somebody types a code, with help while they do.
@MainActor @Observable
public final class CodeEntry {
  /// What is typed so far.
  public var text: String {
    didSet { if text != oldValue { reading = Code.read(text) } }
  }
  /// What it says.
  public private(set) var reading: CodeReading

  /// Begins, empty or with a link that was opened.
  public init(text: String = "") {
    self.text = text
    reading = Code.read(text)
  }

  /// The code, once it is complete.
  public var code: Code? {
    if case .complete(let code) = reading { code } else { nil }
  }

  /// What is wrong or missing.
  public var help: CodeHelp? {
    if case .incomplete(let help) = reading { help } else { nil }
  }

  /// What may have been meant by the word that is not clear; for a tap.
  public var suggestions: [String] {
    help?.candidates ?? []
  }

  /// Takes a suggestion in place of the word that is not clear.
  public func choose(_ suggestion: String) {
    guard let word = help?.word,
      let range = text.range(of: word, options: [.caseInsensitive, .backwards])
    else { return }
    text.replaceSubrange(range, with: suggestion)
  }
}
