import Foundation
import Testing

@testable import SnugApp

/// What others wrote, as it is shown, and what somebody came with.
@Suite struct TextTests {
  @Test(arguments: [
    ("  Ann\tLee ", "Ann Lee"),
    ("A\u{202E}nn\u{2066}", "Ann"),
    ("A\u{0007}nn", "Ann"),
    ("a\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}", "a\u{0301}\u{0301}\u{0301}\u{0301}"),
    ("\u{200B}\u{3164}\u{2800}", ""),
    ("\u{0301}", ""),
    ("👩‍👩‍👧", "👩‍👩‍👧"),
  ])
  func namesAreTame(name: String, shown: String) {
    #expect(Array(Tame.name(name).unicodeScalars) == Array(shown.unicodeScalars))
  }

  @Test func textsKeepTheirLines() {
    #expect(Tame.text("one\n\ttwo\u{0000}") == "one\n\ttwo")
  }

  @Test func namesThatLookAlikeAreTheSame() {
    #expect(Tame.isSame("ANN", "ann"))
    #expect(Tame.isSame("ﬁn", "fin"))
    #expect(!Tame.isSame("Ann", "Anna"))
  }

  @Test func onlyWhatReadsAsAnAddressIsALink() {
    let styled = MessageText.styled("see https://snug.example/a(b). Not javascript:x or http://")
    let links = styled.runs.compactMap { run in
      run.link.map { ($0.absoluteString, String(styled[run.range].characters)) }
    }
    #expect(links.map(\.0) == ["https://snug.example/a(b"])
    #expect(links.map(\.1) == ["https://snug.example/a(b"])
  }

  @Test(arguments: [
    ("snug://snug.example/#K7Q4X9-a-b-c-d", "https://snug.example/#K7Q4X9-a-b-c-d"),
    ("SNUG://snug.example/#x", "https://snug.example/#x"),
    (" https://snug.example/#x\n", "https://snug.example/#x"),
    ("K7Q4X9 a b c d", "K7Q4X9 a b c d"),
  ])
  func linksOfTheAppArePagesToo(given: String, text: String) {
    #expect(Invitation(given).text == text)
  }

  @Test(
    arguments: [
      (0, 2, 10, 0..<2), (4, nil, 10, 4..<10), (4, 99, 10, 4..<10), (12, 14, 10, 10..<10),
      (-5, 3, 10, 0..<3), (6, 2, 10, 6..<6),
    ] as [(Int64, Int64?, UInt64, Range<UInt64>)])
  func playersAreGivenWhatIsInTheFile(
    from: Int64, to: Int64?, size: UInt64, range: Range<UInt64>
  ) {
    #expect(ArrivingMedia.range(from: from, to: to, size: size) == range)
  }
}
