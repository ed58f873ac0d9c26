import SwiftUI
import UIKit

// The tokens of docs/design-language.md. Views use these and no values of their own.

/// Colours, dark first. Every pair of text and ground has a contrast of 4.5 or more.
public enum Palette {
  /// The screen.
  public static let ground = color(dark: 0x161311, light: 0xfaf6f0)
  /// Cards, and what others say.
  public static let surface = color(dark: 0x201c19, light: 0xffffff)
  /// Fields and menus.
  public static let raised = color(dark: 0x2b2622, light: 0xf2eae0)
  /// Hairlines.
  public static let line = color(dark: 0x3a332d, light: 0xe3d8ca)
  /// Borders of controls.
  public static let edge = color(dark: 0x81766a, light: 0x8d8071)
  /// Text.
  public static let ink = color(dark: 0xf5efe8, light: 0x241e18)
  /// Second things: times and hints.
  public static let inkSecond = color(dark: 0xbdb2a6, light: 0x5f564b)
  /// The one thing to do, and links.
  public static let accent = color(dark: 0xf2a663, light: 0xa54f0c)
  /// Text on the accent.
  public static let accentInk = color(dark: 0x2b1703, light: 0xffffff)
  /// What this person says.
  public static let accentSoft = color(dark: 0x3a2a1c, light: 0xfbe6d1)
  /// Verified, arrived.
  public static let good = color(dark: 0x8fd3a5, light: 0x1f7145)
  /// Relayed, unverified, waiting.
  public static let warn = color(dark: 0xeec55f, light: 0x855d00)
  /// Failed, or taking something away.
  public static let bad = color(dark: 0xff9a8b, light: 0xb3291a)

  /// The eight hues of people. They never carry a meaning: two people may share one.
  public static let hues = [
    color(dark: 0xedb997, light: 0x934b1a),
    color(dark: 0xe4cf8b, light: 0x7c661d),
    color(dark: 0xb6d69a, light: 0x4a6d2c),
    color(dark: 0x96d4bf, light: 0x2b6954),
    color(dark: 0x9ed2e5, light: 0x246e89),
    color(dark: 0xb3c1ef, light: 0x2342a9),
    color(dark: 0xd6bae8, light: 0x703399),
    color(dark: 0xecacc6, light: 0x9d2555),
  ]

  private static func color(dark: UInt32, light: UInt32) -> Color {
    Color(
      uiColor: UIColor {
        $0.userInterfaceStyle == .light ? UIColor(hex: light) : UIColor(hex: dark)
      })
  }
}

/// Distances: within a thing 4 to 12, between things 16 to 24, between parts of a screen more.
public enum Space {
  public static let hair: CGFloat = 4
  public static let tight: CGFloat = 8
  public static let near: CGFloat = 12
  public static let middle: CGFloat = 16
  public static let wide: CGFloat = 24
  public static let part: CGFloat = 32
  public static let screen: CGFloat = 48
}

/// Corners. Nested ones step down by one.
public enum Radius {
  public static let small: CGFloat = 8
  public static let middle: CGFloat = 14
  public static let large: CGFloat = 22
}

/// How long things take to move, where moving is not unwelcome.
public enum Motion {
  public static let fast = 0.12
  public static let slow = 0.26
}

/// What a finger can hit.
public let fingertip: CGFloat = 44

extension UIColor {
  fileprivate convenience init(hex: UInt32) {
    let part = { (shift: UInt32) in CGFloat((hex >> shift) & 0xff) / 255 }
    self.init(red: part(16), green: part(8), blue: part(0), alpha: 1)
  }
}
