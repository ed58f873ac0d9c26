import SnugShared
import SwiftUI

/// Between the door and the room.
struct EnteringView: View {
  @Environment(Whereabouts.self) private var whereabouts
  let visit: Visit
  @State private var isSlow = false

  var body: some View {
    VStack(spacing: Space.wide) {
      Dots()
      Text(doing).font(.title2.weight(.semibold)).foregroundStyle(Palette.ink)
        .accessibilityAddTraits(.isHeader)
      if isSlow {
        Text("This takes longer than it should. The server may be out of reach; trying goes on.")
          .foregroundStyle(Palette.inkSecond)
          .multilineTextAlignment(.center)
      }
      Button("Never mind") { Task { await whereabouts.leave(visit) } }
        .buttonStyle(.outline)
        .fixedSize()
    }
    .padding(Space.wide)
    .frame(maxWidth: .infinity, maxHeight: .infinity)
    .background(Palette.ground)
    .task {
      try? await Task.sleep(for: .seconds(6))
      isSlow = !Task.isCancelled
    }
  }

  private var doing: LocalizedStringKey {
    switch visit.wishes.way {
    case .create: "Opening a room"
    case .join: "Knocking at the door"
    case .back: "Coming back"
    }
  }
}
