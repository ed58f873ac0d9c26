import Foundation
import SnugKit

// What people are called here. Their names are theirs to choose, so nothing of a name may break
// the line or pass for somebody else.

extension RoomModel {
  /// What a member is called. Two of one name get a few letters of their ids.
  func name(of id: PersonID) -> String {
    if id == me { return String(localized: "You") }
    let name = Tame.name(person(id)?.nickname ?? "")
    if name.isEmpty { return String(localized: "Someone \(id.tag)") }
    let hasTwin = people.contains { $0.id != id && Tame.isSame($0.nickname, name) }
    return hasTwin || Tame.isSame(nickname, name) ? "\(name) \(id.tag)" : name
  }

  /// Several of them, as one says it.
  func names(of ids: [PersonID]) -> String {
    ids.map(name(of:)).formatted(.list(type: .and))
  }
}

extension PersonID {
  /// One of eight hues, the same for everybody.
  var hue: Int {
    let hash = rawValue.unicodeScalars.reduce(UInt32(0)) { $0 &* 31 &+ $1.value }
    return Int(hash % 8)
  }

  fileprivate var tag: String {
    String(rawValue.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(4))
  }
}

/// Makes what others wrote fit to be shown. It is never changed for anybody else.
enum Tame {
  /// A name in one line: no control characters, none that turn the direction of writing, no towers
  /// of marks. Empty if nothing of it can be seen.
  static func name(_ name: String) -> String {
    let line = text(name).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.unicodeScalars.contains(where: leavesInk) ? line : ""
  }

  /// A text: as a name, but with its lines.
  static func text(_ text: String) -> String {
    var marks = 0
    let kept = text.unicodeScalars.filter { scalar in
      if isUnruly(scalar) { return false }
      marks = isMark(scalar) ? marks + 1 : 0
      return marks <= mostMarks
    }
    return String(String.UnicodeScalarView(kept))
  }

  static func isSame(_ one: String, _ other: String) -> Bool {
    let plain = { name(precompatible($0)).lowercased() }
    return plain(one) == plain(other)
  }

  /// `ﬁ` and `fi` are one to the eye.
  private static func precompatible(_ text: String) -> String {
    text.precomposedStringWithCompatibilityMapping
  }

  /// Controls but for tab and line feed, what turns the direction of writing, and tags.
  private static func isUnruly(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a: false
    case 0x00...0x1f, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069,
      0xe0000...0xe001f:
      true
    default: false
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  /// Neither space nor format nor a lone mark, nor a letter that is drawn as nothing.
  private static func leavesInk(_ scalar: Unicode.Scalar) -> Bool {
    if blanks.contains(scalar.value) || scalar.properties.isWhitespace || isMark(scalar) {
      return false
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned: return false
    default: return true
    }
  }

  private static let blanks: Set<UInt32> = [0x115f, 0x1160, 0x2800, 0x3164, 0xffa0]

  /// No script stacks more marks on a letter.
  private static let mostMarks = 4
}
