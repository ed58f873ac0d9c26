import CoreTransferable
import Foundation
import Observation
import PhotosUI
import SwiftUI

/// What somebody picked, before it is offered.
@MainActor @Observable
final class Outgoing: Identifiable {
  private(set) var files: [URL]
  /// Whether Photos still hands over, or fetches from iCloud.
  private(set) var isLoading = false
  /// Of how many it could not.
  private(set) var failures = 0

  @ObservationIgnored private var loading: Task<Void, Never>?

  init(files: [URL]) {
    self.files = files
  }

  /// Fetches pictures and videos as they are.
  func load(_ items: [PhotosPickerItem], into luggage: Luggage) {
    isLoading = true
    loading = Task {
      for item in items where !Task.isCancelled {
        do {
          guard let picked = try await item.loadTransferable(type: PickedFile.self) else {
            failures += 1
            continue
          }
          let place = try luggage.place(for: picked.name)
          try FileManager.default.moveItem(at: picked.file, to: place)
          files.append(place)
        } catch {
          failures += 1
        }
      }
      isLoading = false
    }
  }

  func leaveOut(_ file: URL, from luggage: Luggage) {
    files.removeAll { $0 == file }
    luggage.remove(file)
  }

  /// Nobody wants them.
  func drop(from luggage: Luggage) {
    loading?.cancel()
    for file in files { luggage.remove(file) }
    files = []
  }
}

/// A picture or video as Photos hands it over: in a file that is gone after the call.
private struct PickedFile: Transferable {
  let file: URL
  let name: String

  static var transferRepresentation: some TransferRepresentation {
    FileRepresentation(importedContentType: .item) { received in
      let name = received.file.lastPathComponent
      let own = URL.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.copyItem(at: received.file, to: own)
      return PickedFile(file: own, name: name)
    }
  }
}
