import SnugKit
import SnugShared
import SwiftUI

/// How a transfer stands here: how far, how fast, how long still, and what holds it up.
struct TransferProgressView: View {
  let visit: Visit
  let transfer: Transfer

  var body: some View {
    switch transfer.state {
    case .hashing(let progress):
      VStack(alignment: .leading, spacing: Space.hair) {
        ProgressView(value: progress.fraction).tint(Palette.inkSecond)
        Text("Reading").hint()
      }
    case .running(let progress): Pace(progress: progress, name: name)
    case .checking(let progress):
      held(progress, Text("Checking what is already here"))
    case .paused(let progress): held(progress, Text("Paused"))
    case .stalled(let progress):
      held(progress, Text("Waiting for the other side to come back"))
    case .stranded(let missing, let progress):
      held(
        progress,
        Text("Nobody here has the last \(Words.size(missing)). It goes on when somebody does."))
    case .done:
      Label("Here, every byte checked", systemImage: "checkmark")
        .font(.footnote)
        .foregroundStyle(Palette.good)
    case .failed(let failure):
      Text(failure.sentence).font(.footnote).foregroundStyle(Palette.bad)
    case .declined: Text("Not taken").hint()
    case .withdrawn:
      if case .incoming(let from) = transfer.direction {
        Text("\(visit.room.name(of: from)) does not offer it any more").hint()
      }
    case .offered: EmptyView()
    }
  }

  private var name: String { Tame.name(transfer.offer.name) }

  private func held(_ progress: TransferProgress, _ why: Text) -> some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      Pace(progress: progress, name: name)
      why.font(.footnote).foregroundStyle(Palette.warn)
    }
  }
}

/// A bar, and the same in words.
struct Pace: View {
  let progress: TransferProgress
  let name: String

  var body: some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      ProgressView(value: progress.fraction).tint(Palette.accent)
      Text(verbatim: words).hint().monospacedDigit()
    }
    .accessibilityElement(children: .ignore)
    .accessibilityLabel(name)
    .accessibilityValue(words)
    .accessibilityAddTraits(.updatesFrequently)
  }

  private var words: String {
    let far = String(localized: "\(Words.size(progress.bytes)) of \(Words.size(progress.total))")
    let rate = progress.rate > 0 ? Words.rate(progress.rate) : nil
    let left = progress.timeLeft.map { String(localized: "\(Words.wait($0)) left") }
    return [far, rate, left].compactMap { $0 }.joined(separator: " · ")
  }
}

/// Who takes what this member offers.
struct ReceiverLines: View {
  let room: RoomModel
  let transfer: Transfer

  var body: some View {
    ForEach(transfer.receivers) { receiver in
      switch receiver.state {
      case .sending(let progress):
        VStack(alignment: .leading, spacing: Space.hair) {
          Text("To \(name(receiver))").hint()
          Pace(progress: progress, name: name(receiver))
        }
      case .delivered:
        Label("\(name(receiver)) has it", systemImage: "checkmark")
          .font(.footnote)
          .foregroundStyle(Palette.good)
      case .declined(.noSpace): Text("\(name(receiver)) has no room for it").hint()
      case .declined: Text("\(name(receiver)) does not want it").hint()
      case .failed(let failure):
        Text("\(name(receiver)) did not get it").font(.footnote).foregroundStyle(Palette.warn)
        Text(failure.sentence).hint()
      }
    }
  }

  private func name(_ receiver: Receiver) -> String { room.name(of: receiver.id) }
}

extension Text {
  /// A second thing.
  fileprivate func hint() -> Text { font(.footnote).foregroundStyle(Palette.inkSecond) }
}

extension TransferFailure {
  /// What happened, then what to do.
  var sentence: LocalizedStringKey {
    switch self {
    case .cancelled: "Cancelled."
    case .cancelledByOther: "The other side cancelled it."
    case .sourceGone: "Nobody who has the file is here any more."
    case .receiverGone: "They left before it was done."
    case .corrupt: "What arrived is not what was offered. Ask for it again."
    case .sourceChanged: "The file was changed while it was on its way. Ask for it again."
    case .receiverCannotStore: "The other side has no room for it."
    case .cannotStore: "It cannot be kept here: there may be no space left."
    case .cannotRead: "The file cannot be read any more. Offer it again."
    case .cannotOffer: "These files cannot be offered."
    case .other: "It did not work. Try it again."
    }
  }
}
