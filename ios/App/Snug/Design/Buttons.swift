import SnugShared
import SwiftUI

/// The one thing to do on a screen.
struct FilledButton: ButtonStyle {
  @Environment(\.isEnabled) private var isEnabled

  func makeBody(configuration: Configuration) -> some View {
    configuration.label
      .font(.body.weight(.semibold))
      .foregroundStyle(Palette.accentInk)
      .frame(maxWidth: .infinity, minHeight: fingertip)
      .padding(.horizontal, Space.middle)
      .background(Palette.accent, in: RoundedRectangle(cornerRadius: Radius.middle))
      .opacity(isEnabled ? (configuration.isPressed ? 0.8 : 1) : 0.4)
  }
}

/// Everything else that can be done.
struct OutlineButton: ButtonStyle {
  @Environment(\.isEnabled) private var isEnabled

  func makeBody(configuration: Configuration) -> some View {
    configuration.label
      .font(.body.weight(.medium))
      .foregroundStyle(Palette.ink)
      .frame(maxWidth: .infinity, minHeight: fingertip)
      .padding(.horizontal, Space.middle)
      .background(
        configuration.isPressed ? Palette.raised : .clear,
        in: RoundedRectangle(cornerRadius: Radius.middle)
      )
      .overlay(RoundedRectangle(cornerRadius: Radius.middle).strokeBorder(Palette.edge))
      .opacity(isEnabled ? 1 : 0.4)
  }
}

/// A small one, beside others, such as on the card of a file.
struct SmallButton: ButtonStyle {
  var filled = false

  func makeBody(configuration: Configuration) -> some View {
    configuration.label
      .font(.subheadline.weight(.medium))
      .foregroundStyle(filled ? Palette.accentInk : Palette.ink)
      .frame(minHeight: fingertip)
      .padding(.horizontal, Space.middle)
      .background(filled ? Palette.accent : Palette.raised, in: Capsule())
      .opacity(configuration.isPressed ? 0.7 : 1)
  }
}

extension ButtonStyle where Self == FilledButton {
  static var filled: FilledButton { FilledButton() }
}

extension ButtonStyle where Self == OutlineButton {
  static var outline: OutlineButton { OutlineButton() }
}

extension ButtonStyle where Self == SmallButton {
  static var small: SmallButton { SmallButton() }
  static var smallFilled: SmallButton { SmallButton(filled: true) }
}
