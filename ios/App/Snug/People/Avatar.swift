import SnugKit
import SnugShared
import SwiftUI

/// The initial of somebody in a circle of their hue. The name stands beside it.
struct Avatar: View {
  let id: PersonID
  let name: String
  @ScaledMetric(relativeTo: .body) private var size: CGFloat = 32

  var body: some View {
    Text(verbatim: String(name.prefix(1)).localizedUppercase)
      .font(.footnote.weight(.semibold))
      .foregroundStyle(hue)
      .frame(width: size, height: size)
      .overlay(Circle().strokeBorder(hue, lineWidth: 1.5))
      .accessibilityHidden(true)
  }

  private var hue: Color { Palette.hues[id.hue] }
}
