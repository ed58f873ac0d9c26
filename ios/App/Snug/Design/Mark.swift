import SnugShared
import SwiftUI

/// The mark: two who lean on each other under one roof.
struct Mark: View {
  var size: CGFloat = 40

  var body: some View {
    let unit = size / 48
    ZStack {
      RoundedRectangle(cornerRadius: 14 * unit).fill(Palette.accent)
      Roof()
        .stroke(
          Palette.accentInk,
          style: StrokeStyle(lineWidth: 3.5 * unit, lineCap: .round, lineJoin: .round))
      Circle().fill(Palette.accentInk)
        .frame(width: 11 * unit, height: 11 * unit)
        .position(x: 19 * unit, y: 30 * unit)
      Circle().fill(Palette.accentInk.opacity(0.72))
        .frame(width: 9 * unit, height: 9 * unit)
        .position(x: 29.5 * unit, y: 31 * unit)
    }
    .frame(width: size, height: size)
    .accessibilityHidden(true)
  }
}

private struct Roof: Shape {
  func path(in rect: CGRect) -> Path {
    let unit = rect.width / 48
    var path = Path()
    path.move(to: CGPoint(x: 10 * unit, y: 25.5 * unit))
    path.addLine(to: CGPoint(x: 24 * unit, y: 13 * unit))
    path.addLine(to: CGPoint(x: 38 * unit, y: 25.5 * unit))
    return path
  }
}
