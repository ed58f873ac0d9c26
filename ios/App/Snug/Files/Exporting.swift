import SnugKit
import SnugShared
import SwiftUI
import UIKit

/// Hands what was received to the share sheet: the only way in which it leaves the memory of the
/// app. What the sheet needs on disk is gone when it closes.
private struct Exporting: ViewModifier {
  let visit: Visit
  let transfer: Transfer
  @Binding var isPresented: Bool
  @State private var exported: Exported?
  @State private var hasFailed = false

  func body(content: Content) -> some View {
    content
      .task(id: isPresented) {
        guard isPresented else { return }
        do {
          exported = try await Exported(transfer, of: visit)
        } catch {
          isPresented = false
          hasFailed = !Task.isCancelled
        }
      }
      .sheet(item: $exported) {
        isPresented = false
      } content: { exported in
        ShareSheet(files: exported.files) { isSaved in
          if isSaved { visit.didSave(transfer) }
          exported.drop(from: visit.luggage)
          self.exported = nil
        }
        .presentationDetents([.medium, .large])
      }
      .alert("It could not be saved. Try another place.", isPresented: $hasFailed) {
        Button("Dismiss", role: .cancel) {}
      }
  }
}

extension View {
  func exporting(
    _ transfer: Transfer, of visit: Visit, isPresented: Binding<Bool>
  ) -> some View {
    modifier(Exporting(visit: visit, transfer: transfer, isPresented: isPresented))
  }
}

/// Files that lie on disk for as long as the share sheet is open.
@MainActor
private final class Exported: Identifiable {
  let files: [URL]
  /// What is to be removed; nothing where the person chose the folder.
  private let own: [URL]

  init(_ transfer: Transfer, of visit: Visit) async throws {
    if case .done(.folder(let place)) = transfer.state {
      files = [place]
      own = []
      return
    }
    let place = try visit.luggage.place(for: transfer.offer.name)
    if transfer.offer.isSingleFile, let reader = visit.room.reader(of: transfer) {
      try await reader.write(to: place)
    } else {
      try await visit.room.take(transfer).write(into: place)
    }
    files = [place]
    own = [place]
  }

  func drop(from luggage: Luggage) {
    for file in own { luggage.remove(file) }
  }
}

extension [ReceivedFile] {
  /// Writes a folder as it was offered. The paths are safe: the engine has looked at them.
  fileprivate func write(into folder: URL) throws {
    guard !isEmpty else { throw CocoaError(.fileNoSuchFile) }
    for file in self {
      let place = folder.appending(path: file.path)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.bytes.write(to: place, options: [.withoutOverwriting, .completeFileProtection])
    }
  }
}

/// The system's sheet: save to Files or Photos, send on.
private struct ShareSheet: UIViewControllerRepresentable {
  let files: [URL]
  /// Whether something was done with them.
  let done: (Bool) -> Void

  func makeUIViewController(context: Context) -> UIActivityViewController {
    let sheet = UIActivityViewController(activityItems: files, applicationActivities: nil)
    sheet.completionWithItemsHandler = { _, isCompleted, _, _ in done(isCompleted) }
    return sheet
  }

  func updateUIViewController(_ sheet: UIActivityViewController, context: Context) {}
}
