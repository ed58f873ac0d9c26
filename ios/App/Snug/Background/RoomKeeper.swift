import Foundation
import SnugKit

/// Keeps what is needed to come back into a room that the system ends in the background: in one
/// file that cannot be read while the phone is locked and is in no backup. It exists only while
/// the app is in the background, and never outlives the visit.
@MainActor
final class RoomKeeper {
  private let file: URL

  init(folder: URL = .applicationSupportDirectory) {
    file = folder.appending(path: "room")
  }

  func keep(_ room: KeptRoom) {
    guard let bytes = try? JSONEncoder().encode(room) else { return }
    let folder = file.deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    do {
      try bytes.write(to: file, options: [.atomic, .completeFileProtection])
      var values = URLResourceValues()
      values.isExcludedFromBackup = true
      var kept = file
      try kept.setResourceValues(values)
    } catch {
      // Coming back by hand is better than a code that lies open.
      forget()
    }
  }

  /// What the system ended lately; older than that, nobody waits there any more.
  func recall(now: Date = .now) -> KeptRoom? {
    guard let bytes = try? Data(contentsOf: file),
      let kept = try? JSONDecoder().decode(KeptRoom.self, from: bytes),
      now.timeIntervalSince(kept.room.savedAt) < Self.lifetime
    else {
      forget()
      return nil
    }
    return kept
  }

  func forget() {
    try? FileManager.default.removeItem(at: file)
  }

  private static let lifetime: TimeInterval = 12 * 60 * 60
}

/// What comes back after the system ended the app.
struct KeptRoom: Codable, Equatable {
  let room: SavedRoom
  /// The right to write into the folders that were chosen for what is received.
  let folders: [Data]
}
