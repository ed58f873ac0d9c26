import SnugKit
import SnugShared
import SwiftUI

/// Who is here, and how others come in.
struct PeopleSheet: View {
  @Environment(\.dismiss) private var dismiss
  let visit: Visit
  @State private var compared: Person?

  private var room: RoomModel { visit.room }

  var body: some View {
    NavigationStack {
      List {
        Section("People") {
          Myself(room: room)
          ForEach(room.present) { person in
            PersonRow(room: room, person: person) { compared = person }
          }
        }
        if let code = room.code {
          Section {
            SpokenCode(code: code)
            QRCodeView(text: room.link ?? code.text).frame(maxWidth: 240).frame(maxWidth: .infinity)
            ShareActions(code: code, link: room.link)
          } header: {
            Text("Invite someone")
          } footer: {
            Text("Whoever has the code can come in. Say it only to people you want here.")
          }
        }
      }
      .scrollContentBackground(.hidden)
      .background(Palette.ground)
      .navigationTitle("People and code")
      .navigationBarTitleDisplayMode(.inline)
      .toolbar {
        ToolbarItem(placement: .confirmationAction) { Button("Done") { dismiss() } }
      }
    }
    .sheet(item: $compared) { EmojiCheckView(room: room, person: $0).curtained() }
    .presentationDetents([.medium, .large])
  }
}

/// This member's own line, where the name can be changed.
private struct Myself: View {
  let room: RoomModel
  @State private var isRenaming = false
  @State private var name = ""

  var body: some View {
    HStack(spacing: Space.near) {
      if let me = room.me { Avatar(id: me, name: shownName) }
      Text("\(shownName) (you)").fontWeight(.semibold).foregroundStyle(Palette.ink)
      Spacer()
      Button("Change your name", systemImage: "pencil") {
        name = room.nickname
        isRenaming = true
      }
      .labelStyle(.iconOnly)
      .frame(minWidth: fingertip, minHeight: fingertip)
    }
    .listRowBackground(Palette.surface)
    .alert("Change your name", isPresented: $isRenaming) {
      TextField("Your name (optional)", text: $name)
      Button("Change") { room.rename(name.trimmingCharacters(in: .whitespacesAndNewlines)) }
      Button("Cancel", role: .cancel) {}
    }
  }

  private var shownName: String {
    let name = Tame.name(room.nickname)
    return name.isEmpty ? String(localized: "Someone without a name") : name
  }
}
