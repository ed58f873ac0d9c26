import CoreTransferable
import Foundation
import Observation
import PhotosUI
import SnugKit
import SwiftUI
import UniformTypeIdentifiers

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
          files.append(try luggage.pack(picked.file, as: picked.name))
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

  /// Offers each of them to everyone, with what can be seen of it already.
  func offer(in room: RoomModel) async {
    for file in files { room.offer([file], known: await Offer(of: file)) }
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
    FileRepresentation(importedContentType: .movie, importing: copy)
    FileRepresentation(importedContentType: .image, importing: copy)
  }

  @Sendable
  private static func copy(_ received: ReceivedTransferredFile) throws -> PickedFile {
    PickedFile(file: try Luggage.hold(received.file), name: received.file.lastPathComponent)
  }
}

extension Offer {
  /// What can be told of a file before the engine has read it.
  fileprivate init(of file: URL) async {
    let told = try? file.resourceValues(forKeys: [.fileSizeKey])
    let picture = await Thumbnail.ofFile(file, pixels: 512)
    self.init(
      name: file.lastPathComponent, size: UInt64(clamping: told?.fileSize ?? 0),
      mediaType: UTType(filenameExtension: file.pathExtension)?.preferredMIMEType ?? "",
      thumbnail: picture?.jpegData(compressionQuality: 0.7),
      isSingleFile: !file.hasDirectoryPath)
  }
}
