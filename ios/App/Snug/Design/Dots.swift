import SnugShared
import SwiftUI

/// Three dots that breathe while something is waited for. Still, where less motion is preferred.
struct Dots: View {
  @Environment(\.accessibilityReduceMotion) private var reduceMotion
  @State private var risen = false
  var size: CGFloat = 12

  var body: some View {
    HStack(spacing: Space.tight) {
      ForEach(0..<3, id: \.self) { index in
        Circle()
          .fill(Palette.accent)
          .frame(width: size, height: size)
          .opacity(risen || reduceMotion ? 1 : 0.3)
          .animation(breath(index), value: risen)
      }
    }
    .onAppear { risen = true }
    .accessibilityHidden(true)
  }

  private func breath(_ index: Int) -> Animation? {
    guard !reduceMotion else { return nil }
    return .easeInOut(duration: 0.7).repeatForever(autoreverses: true).delay(Double(index) * 0.2)
  }
}
