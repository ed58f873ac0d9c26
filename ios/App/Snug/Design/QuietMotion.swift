import SnugShared
import SwiftUI

/// Lets things fade and rise by a few points; where less motion is preferred they only fade.
struct Arriving: ViewModifier {
  @Environment(\.accessibilityReduceMotion) private var reduceMotion

  func body(content: Content) -> some View {
    let rise = AnyTransition.opacity.combined(with: .offset(y: 8))
    content.transition(reduceMotion ? .opacity : rise)
  }
}

/// Animates what depends on a value, unless less motion is preferred.
struct Settling<Value: Equatable>: ViewModifier {
  @Environment(\.accessibilityReduceMotion) private var reduceMotion
  let value: Value

  func body(content: Content) -> some View {
    content.animation(reduceMotion ? nil : .easeOut(duration: Motion.slow), value: value)
  }
}

extension View {
  func arriving() -> some View { modifier(Arriving()) }

  func settling<Value: Equatable>(_ value: Value) -> some View {
    modifier(Settling(value: value))
  }
}
