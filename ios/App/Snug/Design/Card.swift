import SnugShared
import SwiftUI

/// What floats above the ground: forms at the start, files in the conversation.
struct Card<Content: View>: View {
  @ViewBuilder let content: Content

  var body: some View {
    VStack(alignment: .leading, spacing: Space.middle) { content }
      .padding(Space.middle)
      .frame(maxWidth: .infinity, alignment: .leading)
      .background(Palette.surface, in: RoundedRectangle(cornerRadius: Radius.large))
      .overlay(RoundedRectangle(cornerRadius: Radius.large).strokeBorder(Palette.line))
  }
}

/// A screen outside a room: one column, in the middle of what is wide.
struct Page<Content: View>: View {
  @ViewBuilder let content: Content

  var body: some View {
    ScrollView {
      VStack(alignment: .leading, spacing: Space.part) { content }
        .padding(.horizontal, Space.middle)
        .padding(.vertical, Space.part)
        .frame(maxWidth: 520)
        .frame(maxWidth: .infinity)
    }
    .background(Palette.ground)
    .scrollDismissesKeyboard(.interactively)
  }
}

/// What a screen is about, and a sentence about it.
struct Heading: View {
  let title: LocalizedStringKey
  let text: LocalizedStringKey

  var body: some View {
    VStack(alignment: .leading, spacing: Space.near) {
      Text(title)
        .font(.largeTitle.weight(.semibold))
        .tracking(-0.6)
        .foregroundStyle(Palette.ink)
        .accessibilityAddTraits(.isHeader)
      Text(text).font(.body).foregroundStyle(Palette.inkSecond)
    }
  }
}
