import SnugKit
import Testing

@MainActor @Suite("Codes, as they are typed")
struct CodeTests {
  @Test(
    "A code is read however it is typed",
    arguments: [
      "K7Q4X9-otter-lemon-cloud-ferry", "k7q4x9 otter LEMON cloud ferry",
      "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry",
    ])
  func forgiving(_ typed: String) throws {
    let entry = CodeEntry(text: typed)
    let code = try #require(entry.code)
    #expect(code.text == "K7Q4X9-otter-lemon-cloud-ferry")
    #expect(code.room == "K7Q4X9" && code.secrecy == .words)
    #expect(entry.help == nil && entry.suggestions.isEmpty)
  }

  @Test("There is help while it is typed")
  func help() {
    let entry = CodeEntry()
    #expect(entry.help?.problem == .empty)
    entry.text = "K7Q"
    #expect(entry.help?.problem == .room)
    entry.text = "K7Q4X9 Ottre lemon cloud ferry"
    #expect(entry.help?.problem == .unknownWord)
    #expect(entry.suggestions == ["otter"])
    entry.choose("otter")
    #expect(entry.text == "K7Q4X9 otter lemon cloud ferry")
    #expect(entry.code != nil)
    entry.choose("lemon")
    #expect(entry.code != nil, "there was nothing to choose")
  }

  @Test("A code becomes a link, and a link a picture")
  func links() throws {
    let code = try #require(CodeEntry(text: "K7Q4X9-otter-lemon-cloud-ferry").code)
    let link = try #require(code.link(server: "snug.example"))
    #expect(link == "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry")
    #expect(code.link(server: "not an address") == nil)
    #expect(CodeEntry(text: link).code?.server == "https://snug.example")
    let picture = try #require(QRPicture(of: link))
    #expect(picture.modules.count == picture.size * picture.size)
    // The corner of a finder pattern (ISO/IEC 18004 §6.3.3).
    #expect((0..<8).map { picture.isDark($0, 0) } == Array(repeating: true, count: 7) + [false])
    #expect(QRPicture(of: String(repeating: "a", count: 10_000)) == nil)
  }
}
