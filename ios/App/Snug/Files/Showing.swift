import SnugKit
import SnugShared
import SwiftUI
import UIKit

/// What can be seen or heard of a transfer: a picture, or a player that plays while it arrives.
struct Showing: View {
  let visit: Visit
  let transfer: Transfer

  var body: some View {
    switch transfer.offer.kind {
    case .picture: PictureView(visit: visit, transfer: transfer)
    case .video, .sound:
      if canBeRead, let reader = visit.room.reader(of: transfer) {
        MediaPlayer(reader: reader, offer: transfer.offer)
      } else {
        SmallPicture(offer: transfer.offer)
      }
    case .file, .folder: SmallPicture(offer: transfer.offer)
    }
  }

  /// Bytes come only of what was taken, or is one's own.
  private var canBeRead: Bool {
    switch transfer.state {
    case .checking, .running, .paused, .stalled, .stranded, .done: true
    case .offered: transfer.isMine
    case .hashing, .failed, .declined, .withdrawn: false
    }
  }
}

/// The small picture that came with the offer.
struct SmallPicture: View {
  let offer: Offer
  @State private var picture: UIImage?

  var body: some View {
    Group {
      if let picture {
        Image(uiImage: picture).resizable().scaledToFit()
          .clipShape(RoundedRectangle(cornerRadius: Radius.middle))
          .accessibilityHidden(true)
      }
    }
    .task(id: offer.thumbnail) {
      guard let bytes = offer.thumbnail else { return }
      picture = await Thumbnail.of(bytes, pixels: Self.most)
    }
  }

  private static let most = 512
}

/// A picture: its small one until it is here. It is never unpacked larger than a screen, whatever
/// it claims to be.
private struct PictureView: View {
  let visit: Visit
  let transfer: Transfer
  @State private var picture: UIImage?
  @State private var isUnshown = false

  var body: some View {
    Group {
      if isUnshown {
        Text("This is not the picture that it claims to be. It can be saved, with care.")
          .font(.footnote)
          .foregroundStyle(Palette.warn)
      } else if let picture {
        Image(uiImage: picture).resizable().scaledToFit()
          .frame(maxHeight: Self.height)
          .clipShape(RoundedRectangle(cornerRadius: Radius.middle))
          .accessibilityLabel(Tame.name(transfer.offer.name))
      } else {
        SmallPicture(offer: transfer.offer)
      }
    }
    .task(id: isHere) { await show() }
  }

  private var isHere: Bool {
    switch transfer.state {
    case .done: true
    case .offered: transfer.isMine
    case .hashing, .checking, .running, .paused, .stalled, .stranded, .failed, .declined,
      .withdrawn:
      false
    }
  }

  private func show() async {
    guard isHere, picture == nil, let reader = visit.room.reader(of: transfer),
      reader.size <= Self.mostBytes, let bytes = try? await reader.whole()
    else { return }
    picture = await Thumbnail.of(bytes, pixels: Self.pixels)
    isUnshown = picture == nil
  }

  private static let height: CGFloat = 420
  /// As much as the largest screen shows.
  private static let pixels = 2_048
  /// What is larger can be saved.
  private static let mostBytes: UInt64 = 64 << 20
}
