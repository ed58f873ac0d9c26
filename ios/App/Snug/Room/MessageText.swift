import Foundation
import SwiftUI

/// The text of a message, as it may be shown: emphasis as its author set it, and links that say
/// where they lead.
enum MessageText {
  static func styled(_ text: String) -> AttributedString {
    let tame = Tame.text(text)
    let options = AttributedString.MarkdownParsingOptions(
      interpretedSyntax: .inlineOnlyPreservingWhitespace,
      failurePolicy: .returnPartiallyParsedIfPossible)
    var styled =
      (try? AttributedString(markdown: tame, options: options)) ?? AttributedString(tame)
    // A link that reads otherwise than it leads would be a trap.
    for run in styled.runs where run.link != nil { styled[run.range].link = nil }
    for (range, address) in addresses(in: styled) { styled[range].link = address }
    return styled
  }

  /// Whether it is worth being folded.
  static func isLong(_ text: String) -> Bool {
    text.count > 1_500 || text.lazy.filter(\.isNewline).count >= 24
  }

  /// Addresses of pages, as they are read. Nothing is opened before a tap, and nothing else than a
  /// page: no scheme of another app.
  private static func addresses(
    in styled: AttributedString
  ) -> [(Range<AttributedString.Index>, URL)] {
    let plain = String(styled.characters)
    return plain.matches(of: /https?:\/\/[^\s<>]+/.ignoresCase()).compactMap { match in
      // What ends a sentence is not of the address.
      let read = match.output.trimmingSuffix { ".,;:!?)]}'\"".contains($0) }
      guard let address = URL(string: String(read)), address.host() != nil,
        let range = Range(read.startIndex..<read.endIndex, in: styled)
      else { return nil }
      return (range, address)
    }
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isLeftOut: (Character) -> Bool) -> Substring {
    guard let last = lastIndex(where: { !isLeftOut($0) }) else { return prefix(0) }
    return self[...last]
  }
}
