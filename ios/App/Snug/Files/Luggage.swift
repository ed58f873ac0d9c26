import Foundation

/// Files that the system wants to have on disk for a while: pictures on their way out of Photos,
/// and what is handed to the share sheet. They lie in a folder of the visit, in no backup, and are
/// gone at its end.
@MainActor
final class Luggage {
  private let folder: URL
  /// Files of other apps that may be read as long as somebody wants them.
  private var opened: [URL] = []

  init() {
    folder = Self.all.appending(path: UUID().uuidString)
  }

  /// Where a file of that name may be put. Names from elsewhere are no paths here.
  nonisolated func place(for name: String) throws -> URL {
    let own = folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    return own.appending(path: Self.safe(name))
  }

  /// Takes a file along under a name.
  nonisolated func pack(_ file: URL, as name: String) throws -> URL {
    let place = try place(for: name)
    try FileManager.default.moveItem(at: file, to: place)
    // What is being sent goes on when the phone is locked meanwhile.
    try FileManager.default.setAttributes(
      [.protectionKey: FileProtectionType.completeUnlessOpen],
      ofItemAtPath: place.path(percentEncoded: false))
    return place
  }

  /// Holds on to a file that is gone in a moment.
  nonisolated static func hold(_ file: URL) throws -> URL {
    let place = all.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: all, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: file, to: place)
    return place
  }

  /// Reads a file of another app until the end of the visit.
  func open(_ file: URL) {
    if file.startAccessingSecurityScopedResource() { opened.append(file) }
  }

  /// Removes one file and the folder that was made for it.
  nonisolated func remove(_ file: URL) {
    guard file.path().hasPrefix(folder.path()) else { return }
    try? FileManager.default.removeItem(at: file.deletingLastPathComponent())
  }

  /// What lets a later run of the app open the same folders again.
  func rights() -> [Data] {
    opened.filter(\.hasDirectoryPath).compactMap { try? $0.bookmarkData() }
  }

  /// Opens a folder that an earlier run of the app had opened.
  func reopen(_ right: Data) {
    var isStale = false
    guard let folder = try? URL(resolvingBookmarkData: right, bookmarkDataIsStale: &isStale) else {
      return
    }
    open(folder)
  }

  func empty() {
    for file in opened { file.stopAccessingSecurityScopedResource() }
    opened = []
    try? FileManager.default.removeItem(at: folder)
  }

  /// What a visit left behind that the system ended.
  static func clear() {
    try? FileManager.default.removeItem(at: all)
  }

  private nonisolated static func safe(_ name: String) -> String {
    let tame = Tame.name(name).replacing("/", with: "_").replacing(":", with: "_")
    let whole = tame.trimmingCharacters(in: ["."])
    return whole.isEmpty ? "file" : String(whole.suffix(120))
  }

  private nonisolated static var all: URL {
    .temporaryDirectory.appending(path: "luggage")
  }
}
