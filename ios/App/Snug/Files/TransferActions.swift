import SnugKit
import SnugShared
import SwiftUI
import UniformTypeIdentifiers

/// What can be done with something on offer.
struct TransferActions: View {
  let visit: Visit
  let transfer: Transfer
  @State private var picksFolder = false
  @State private var isExporting = false

  private var room: RoomModel { visit.room }

  var body: some View {
    Flow(spacing: Space.tight) {
      switch transfer.state {
      case .offered where transfer.isMine, .hashing:
        Button("Offer no longer") { room.cancel(transfer) }.buttonStyle(.small)
      case .offered: offered
      case .checking, .running, .stalled, .stranded:
        Button("Pause", systemImage: "pause.fill") { room.pause(transfer) }.buttonStyle(.small)
        cancel
      case .paused:
        Button("Go on", systemImage: "play.fill") { room.resume(transfer) }
          .buttonStyle(.smallFilled)
        cancel
      case .done: export
      case .failed, .declined, .withdrawn: EmptyView()
      }
    }
    .fileImporter(isPresented: $picksFolder, allowedContentTypes: [.folder]) { picked in
      guard case .success(let folder) = picked else { return }
      visit.luggage.open(folder)
      room.accept(transfer, into: .folder(folder))
    }
    .exporting(transfer, of: visit, isPresented: $isExporting)
  }

  @ViewBuilder
  private var offered: some View {
    if fitsMemory {
      Button("Take") { room.accept(transfer) }.buttonStyle(.smallFilled)
      Button("Take into a folder") { picksFolder = true }.buttonStyle(.small)
    } else {
      Text("Too large to be kept in memory. It needs a folder.")
        .font(.footnote)
        .foregroundStyle(Palette.inkSecond)
      Button("Take into a folder") { picksFolder = true }.buttonStyle(.smallFilled)
    }
    Button("No, thanks") { room.decline(transfer) }.buttonStyle(.small)
  }

  private var cancel: some View {
    Button("Cancel") { room.cancel(transfer) }.buttonStyle(.small)
  }

  @ViewBuilder
  private var export: some View {
    if case .done(.folder) = transfer.state {
      Button("Share", systemImage: "square.and.arrow.up") { isExporting = true }
        .buttonStyle(.small)
    } else if visit.saved.contains(transfer.id) {
      Label("Saved", systemImage: "checkmark").font(.footnote).foregroundStyle(Palette.good)
    } else {
      Button("Save or share", systemImage: "square.and.arrow.up") { isExporting = true }
        .buttonStyle(.small)
    }
  }

  private var fitsMemory: Bool {
    transfer.offer.size <= Self.memory
  }

  /// What the engine keeps in memory of all that is received.
  private static let memory: UInt64 = 256 << 20
}
