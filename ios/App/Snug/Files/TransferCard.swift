import SnugKit
import SnugShared
import SwiftUI

/// Something on offer: what it is, how it goes, what can be done.
struct TransferCard: View {
  let visit: Visit
  let transfer: Transfer
  let at: Date

  private var offer: Offer { transfer.offer }

  var body: some View {
    Card {
      HStack(spacing: Space.tight) {
        if let sender {
          Avatar(id: sender, name: visit.room.name(of: sender))
          Text("\(visit.room.name(of: sender)) offers")
        } else {
          Text("Offered to everyone here")
        }
        Text(at, format: .dateTime.hour().minute())
      }
      .font(.footnote)
      .foregroundStyle(Palette.inkSecond)
      if !isGone { Showing(visit: visit, transfer: transfer) }
      Label {
        VStack(alignment: .leading, spacing: Space.hair) {
          Text(verbatim: Tame.name(offer.name)).lineLimit(3).foregroundStyle(Palette.ink)
          size.font(.footnote).foregroundStyle(Palette.inkSecond)
        }
      } icon: {
        Image(systemName: offer.kind.symbol).foregroundStyle(Palette.inkSecond)
      }
      if !offer.isSingleFile, !isGone { Contents(offer: offer) }
      TransferProgressView(visit: visit, transfer: transfer)
      ReceiverLines(room: visit.room, transfer: transfer)
      TransferActions(visit: visit, transfer: transfer)
    }
    .opacity(isGone ? 0.7 : 1)
    .accessibilityElement(children: .contain)
    .accessibilityLabel(Tame.name(offer.name))
  }

  private var sender: PersonID? {
    if case .incoming(let from) = transfer.direction { from } else { nil }
  }

  private var isGone: Bool {
    switch transfer.state {
    case .failed, .declined, .withdrawn: true
    case .hashing, .offered, .checking, .running, .paused, .stalled, .stranded, .done: false
    }
  }

  private var size: Text {
    let bytes = Text(verbatim: Words.size(offer.size))
    if offer.isSingleFile { return bytes }
    return Text("\(offer.fileCount) files") + Text(verbatim: ", ") + bytes
  }
}

/// What is in a folder.
private struct Contents: View {
  let offer: Offer
  @State private var isOpen = false

  var body: some View {
    DisclosureGroup("Show what is in it", isExpanded: $isOpen) {
      VStack(alignment: .leading, spacing: Space.hair) {
        ForEach(offer.items.prefix(Self.most).indices, id: \.self) { index in
          HStack {
            Text(verbatim: Tame.name(offer.items[index].path)).lineLimit(1)
            Spacer()
            if let size = offer.items[index].size { Text(verbatim: Words.size(size)) }
          }
        }
        let more = offer.moreItems + max(0, offer.items.count - Self.most)
        if more > 0 { Text("and \(more) more") }
      }
      .foregroundStyle(Palette.inkSecond)
    }
    .font(.footnote)
    .tint(Palette.accent)
  }

  private static let most = 100
}

extension Offer.Kind {
  fileprivate var symbol: String {
    switch self {
    case .picture: "photo"
    case .video: "film"
    case .sound: "waveform"
    case .file: "doc"
    case .folder: "folder"
    }
  }
}
