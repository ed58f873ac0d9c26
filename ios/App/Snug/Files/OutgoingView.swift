import SnugKit
import SnugShared
import SwiftUI
import UIKit

/// A look at what was picked, before it is offered to everyone.
struct OutgoingView: View {
  @Environment(\.dismiss) private var dismiss
  let visit: Visit
  let outgoing: Outgoing
  @State private var isOffered = false

  var body: some View {
    NavigationStack {
      List {
        ForEach(outgoing.files, id: \.self) { file in
          FilePreview(file: file)
            .listRowBackground(Palette.surface)
            .swipeActions {
              Button("Leave out", systemImage: "trash", role: .destructive) { leaveOut(file) }
            }
        }
        if outgoing.isLoading {
          HStack(spacing: Space.near) {
            ProgressView()
            Text("Fetching from Photos").foregroundStyle(Palette.inkSecond)
          }
          .listRowBackground(Palette.surface)
        }
        if outgoing.failures > 0 {
          Text("\(outgoing.failures) could not be fetched from Photos.")
            .foregroundStyle(Palette.bad)
            .listRowBackground(Palette.surface)
        }
      }
      .scrollContentBackground(.hidden)
      .background(Palette.ground)
      .navigationTitle("Offer to everyone?")
      .navigationBarTitleDisplayMode(.inline)
      .toolbar {
        ToolbarItem(placement: .cancellationAction) { Button("Cancel") { dismiss() } }
      }
      .safeAreaInset(edge: .bottom) { offer }
    }
    .onDisappear { if !isOffered { outgoing.drop(from: visit.luggage) } }
  }

  private var offer: some View {
    VStack(spacing: Space.tight) {
      Text("Pictures and videos keep what is written in them, such as where they were taken.")
        .font(.footnote)
        .foregroundStyle(Palette.inkSecond)
      Button("Offer \(outgoing.files.count) files") {
        isOffered = true
        Task { await outgoing.offer(in: visit.room) }
        dismiss()
      }
      .buttonStyle(.filled)
      .disabled(outgoing.files.isEmpty || outgoing.isLoading)
    }
    .padding(Space.middle)
    .background(Palette.ground)
  }

  private func leaveOut(_ file: URL) {
    outgoing.leaveOut(file, from: visit.luggage)
    if outgoing.files.isEmpty, !outgoing.isLoading { dismiss() }
  }
}

/// One of them: as it looks, or its name and size.
private struct FilePreview: View {
  let file: URL
  @State private var picture: UIImage?
  @State private var size: UInt64?

  var body: some View {
    HStack(spacing: Space.near) {
      Group {
        if let picture {
          Image(uiImage: picture).resizable().scaledToFill()
        } else {
          Image(systemName: file.hasDirectoryPath ? "folder" : "doc")
            .font(.title2)
            .foregroundStyle(Palette.inkSecond)
        }
      }
      .frame(width: 64, height: 64)
      .clipShape(RoundedRectangle(cornerRadius: Radius.small))
      .accessibilityHidden(true)
      VStack(alignment: .leading, spacing: Space.hair) {
        Text(verbatim: file.lastPathComponent).lineLimit(2).foregroundStyle(Palette.ink)
        if let size {
          Text(verbatim: Words.size(size)).font(.footnote).foregroundStyle(Palette.inkSecond)
        }
      }
    }
    .accessibilityElement(children: .combine)
    .task {
      size = (try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize).flatMap(UInt64.init)
      picture = await Thumbnail.ofFile(file, pixels: 192)
    }
  }
}
