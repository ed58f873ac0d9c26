import SnugKit
import SnugShared
import SwiftUI

/// Where one begins: open a room, or come into one.
struct StartView: View {
  @Environment(Whereabouts.self) private var whereabouts
  @State private var entry = CodeEntry()
  @State private var isScanning = false

  var body: some View {
    Page {
      Mark(size: 56)
      Heading(
        title: "A room for a few people.",
        text:
          "Talk, show pictures and pass files straight from one device to the other. When you leave, nothing is left behind."
      )
      Card {
        OptionsView()
        openButton
        divider
        CodeField(entry: entry)
        joinButton
        Button("Scan a code", systemImage: "qrcode.viewfinder") { isScanning = true }
          .buttonStyle(.outline)
      }
      Promises()
    }
    .sheet(isPresented: $isScanning) {
      ScanView { found in
        isScanning = false
        whereabouts.knock(with: found)
      }
    }
  }

  private var openButton: some View {
    Button("Open a room") { whereabouts.enter(.create) }
      .modifier(OneFilled(filled: entry.code == nil))
  }

  private var joinButton: some View {
    Button("Come in") {
      if let code = entry.code { whereabouts.enter(.join(code)) }
    }
    .modifier(OneFilled(filled: entry.code != nil))
    .disabled(entry.code == nil)
  }

  private var divider: some View {
    HStack(spacing: Space.near) {
      Rectangle().fill(Palette.line).frame(height: 1)
      Text("or come into one").font(.footnote).foregroundStyle(Palette.inkSecond).fixedSize()
      Rectangle().fill(Palette.line).frame(height: 1)
    }
  }
}

/// Each screen has one filled button: the one that does what was begun.
private struct OneFilled: ViewModifier {
  let filled: Bool

  func body(content: Content) -> some View {
    if filled {
      content.buttonStyle(.filled)
    } else {
      content.buttonStyle(.outline)
    }
  }
}

/// How it works, in three sentences.
private struct Promises: View {
  var body: some View {
    VStack(alignment: .leading, spacing: Space.wide) {
      promise(
        "Say a code", "Open a room and say its code to someone. They type it and are in.",
        symbol: "square.and.arrow.up")
      promise(
        "Nobody between",
        "The server introduces you and forgets you. The words of the code never reach it.",
        symbol: "lock")
      promise(
        "Nothing kept",
        "No account and no history. What is not saved is gone when you leave.",
        symbol: "rectangle.portrait.and.arrow.right")
    }
  }

  private func promise(
    _ title: LocalizedStringKey, _ text: LocalizedStringKey, symbol: String
  ) -> some View {
    HStack(alignment: .top, spacing: Space.near) {
      Image(systemName: symbol).font(.title3).foregroundStyle(Palette.accent)
        .frame(width: Space.part)
        .accessibilityHidden(true)
      VStack(alignment: .leading, spacing: Space.hair) {
        Text(title).font(.headline).foregroundStyle(Palette.ink)
        Text(text).font(.subheadline).foregroundStyle(Palette.inkSecond)
      }
    }
    .accessibilityElement(children: .combine)
  }
}
