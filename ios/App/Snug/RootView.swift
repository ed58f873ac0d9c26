import SnugKit
import SnugShared
import SwiftUI

/// The screen for where one is.
struct RootView: View {
  @Environment(Whereabouts.self) private var whereabouts

  var body: some View {
    @Bindable var whereabouts = whereabouts
    Group {
      switch whereabouts.screen {
      case .start: StartView()
      case .door(let invitation, let isWrong):
        DoorView(invitation: invitation, isWrong: isWrong).id(invitation)
      case .visit(let visit): VisitView(visit: visit).id(visit.id)
      }
    }
    .frame(maxWidth: .infinity, maxHeight: .infinity)
    .background(Palette.ground)
    .settling(whereabouts.screen)
    .curtained()
    .task { whereabouts.lookForSavedRoom() }
    .alert("Go back into the room?", isPresented: $whereabouts.offersReturn) {
      Button("Come in again") { whereabouts.comeBack() }
      Button("No, forget it", role: .destructive) { whereabouts.forgetSavedRoom() }
    } message: {
      Text("Snug was closed while you were in a room. What was said there is not kept here.")
    }
  }
}

/// One visit, from the knock to the end.
private struct VisitView: View {
  let visit: Visit

  var body: some View {
    Group {
      switch visit.room.phase {
      case .idle, .connecting: EnteringView(visit: visit)
      case .inRoom, .reconnecting: RoomView(visit: visit)
      case .ended(let ending): OverView(visit: visit, ending: ending)
      }
    }
    .sensoryFeedback(trigger: visit.pulse) { _, pulse in pulse.feeling }
  }
}
