import SnugKit
import SnugShared
import SwiftUI
import UIKit

/// A room: the conversation, with the people one tap away.
struct RoomView: View {
  @Environment(Whereabouts.self) private var whereabouts
  let visit: Visit
  @State private var showsPeople = false
  @State private var isLeaving = false

  private var room: RoomModel { visit.room }

  var body: some View {
    NavigationStack {
      VStack(spacing: 0) {
        Banners(visit: visit)
        Conversation(visit: visit)
        Composer(visit: visit)
      }
      .background(Palette.ground)
      .navigationTitle("Room")
      .navigationBarTitleDisplayMode(.inline)
      .toolbar { tools }
    }
    .sheet(isPresented: $showsPeople) { PeopleSheet(visit: visit).curtained() }
    .leaving(visit, isPresented: $isLeaving) { Task { await whereabouts.leave(visit) } }
    // Who watches a file come in need not keep touching the screen.
    .onChange(of: room.running.isEmpty, initial: true) { _, isIdle in
      UIApplication.shared.isIdleTimerDisabled = !isIdle
    }
    .onDisappear { UIApplication.shared.isIdleTimerDisabled = false }
  }

  @ToolbarContentBuilder
  private var tools: some ToolbarContent {
    ToolbarItem(placement: .cancellationAction) {
      Button("Leave") { isLeaving = true }.foregroundStyle(Palette.bad)
    }
    ToolbarItem(placement: .primaryAction) {
      Button {
        showsPeople = true
      } label: {
        Label {
          Text("\(room.present.count + 1) people")
        } icon: {
          Image(systemName: "person.2")
        }
        .labelStyle(.titleAndIcon)
      }
      .accessibilityHint("Shows who is here, and the code")
    }
  }
}
