import SnugKit
import SnugShared
import SwiftUI

/// Six emoji that two people see alike if nobody is between them.
struct EmojiCheckView: View {
  @Environment(\.dismiss) private var dismiss
  let room: RoomModel
  let person: Person
  @State private var differs = false

  var body: some View {
    Page {
      Heading(
        title: "Is it really \(room.name(of: person.id))?",
        text:
          "Read these six to each other, by phone or in person. If both of you see the same, nobody is between you."
      )
      if let check = person.check { EmojiGrid(check: check) }
      if differs {
        Text(
          "Then somebody may be between you. Leave, open a new room, and give the code to each other in another way."
        )
        .foregroundStyle(Palette.bad)
      }
      VStack(spacing: Space.near) {
        Button("We see the same") {
          room.compared(person, same: true)
          dismiss()
        }
        .buttonStyle(.filled)
        Button("They differ") {
          room.compared(person, same: false)
          differs = true
        }
        .buttonStyle(.outline)
      }
    }
    .sensoryFeedback(.error, trigger: differs)
  }
}

private struct EmojiGrid: View {
  let check: EmojiCheck

  var body: some View {
    LazyVGrid(columns: [GridItem(.adaptive(minimum: 96), spacing: Space.near)], spacing: Space.near)
    {
      ForEach(check.emoji.indices, id: \.self) { index in
        VStack(spacing: Space.hair) {
          Text(verbatim: check.emoji[index]).font(.largeTitle).accessibilityHidden(true)
          Text(verbatim: EmojiNames.name(in: check, at: index))
            .font(.footnote)
            .foregroundStyle(Palette.inkSecond)
        }
        .frame(maxWidth: .infinity)
        .padding(.vertical, Space.near)
        .background(Palette.raised, in: RoundedRectangle(cornerRadius: Radius.middle))
      }
    }
  }
}
