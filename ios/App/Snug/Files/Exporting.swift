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
  /// What the sheet shows.
  @State private var exported: Exported?
  /// What lies on disk for it.
  @State private var lying: Exported?
  @State private var hasFailed = false

  func body(content: Content) -> some View {
    content
      .task(id: isPresented) { if isPresented { await prepare() } }
      .sheet(item: $exported, onDismiss: close) { exported in
        ShareSheet(files: [exported.file]) { isDone in
          if isDone { Task { await visit.didSave(transfer) } }
          self.exported = nil
        }
        .presentationDetents([.medium, .large])
      }
      .alert("It could not be saved. Try another place.", isPresented: $hasFailed) {
        Button("Dismiss", role: .cancel) {}
      }
  }

  private func prepare() async {
    do {
      lying = try await Exported(transfer, of: visit)
      exported = lying
    } catch {
      isPresented = false
      hasFailed = !Task.isCancelled
    }
  }

  private func close() {
    if let lying, lying.isOnlyForTheSheet { visit.luggage.remove(lying.file) }
    lying = nil
    isPresented = false
  }
}

extension View {
  func exporting(
    _ transfer: Transfer, of visit: Visit, isPresented: Binding<Bool>
  ) -> some View {
    modifier(Exporting(visit: visit, transfer: transfer, isPresented: isPresented))
  }
}

/// What the share sheet hands on.
@MainActor
private final class Exported: Identifiable {
  let file: URL
  /// Whether it was written for the sheet, and is there in memory as well.
  let isOnlyForTheSheet: Bool

  init(_ transfer: Transfer, of visit: Visit) async throws {
    if case .done(.folder(let place)) = transfer.state {
      file = place
      isOnlyForTheSheet = false
    } else if transfer.offer.isSingleFile, let reader = visit.room.reader(of: transfer) {
      file = try visit.luggage.place(for: transfer.offer.name)
      isOnlyForTheSheet = true
      try await reader.write(to: file)
    } else {
      file = try await visit.unpack(transfer)
      isOnlyForTheSheet = false
    }
  }
}

extension [ReceivedFile] {
  /// Writes a folder as it was offered. The paths are safe: the engine has looked at them.
  func write(into folder: URL) throws {
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
