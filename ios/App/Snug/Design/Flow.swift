import SwiftUI

/// Puts things beside each other and goes on in the next line where they do not fit. With large
/// type nothing is cut off.
struct Flow: Layout {
  var spacing: CGFloat = 8

  func sizeThatFits(proposal: ProposedViewSize, subviews: Subviews, cache: inout ()) -> CGSize {
    let rows = arrange(subviews, in: proposal.width ?? .infinity)
    let width = rows.flatMap(\.places).map(\.frame.maxX).max() ?? 0
    return CGSize(width: width, height: rows.last?.bottom ?? 0)
  }

  func placeSubviews(
    in bounds: CGRect, proposal: ProposedViewSize, subviews: Subviews, cache: inout ()
  ) {
    for place in arrange(subviews, in: bounds.width).flatMap(\.places) {
      let corner = CGPoint(x: bounds.minX + place.frame.minX, y: bounds.minY + place.frame.minY)
      subviews[place.index].place(
        at: corner, anchor: .topLeading, proposal: ProposedViewSize(place.frame.size))
    }
  }

  private struct Place {
    let index: Int
    let frame: CGRect
  }

  private struct Row {
    var places: [Place] = []
    var bottom: CGFloat = 0
  }

  private func arrange(_ subviews: Subviews, in width: CGFloat) -> [Row] {
    var rows: [Row] = [Row()]
    var corner = CGPoint.zero
    for index in subviews.indices {
      let size = subviews[index].sizeThatFits(ProposedViewSize(width: width, height: nil))
      if corner.x > 0, corner.x + size.width > width {
        corner = CGPoint(x: 0, y: rows[rows.count - 1].bottom + spacing)
        rows.append(Row(bottom: corner.y))
      }
      let row = rows.count - 1
      rows[row].places.append(Place(index: index, frame: CGRect(origin: corner, size: size)))
      rows[row].bottom = max(rows[row].bottom, corner.y + size.height)
      corner.x += size.width + spacing
    }
    return rows
  }
}
