import AVFoundation
import AVKit
import SnugKit
import SnugShared
import SwiftUI

/// Film and sound, which play while they arrive.
struct MediaPlayer: View {
  let reader: TransferReader
  let offer: Offer
  @State private var playing: Playing?

  var body: some View {
    Group {
      if playing?.isUnplayable == true {
        Text("This device cannot play it. Take it and save it.")
          .font(.footnote)
          .foregroundStyle(Palette.warn)
      } else if let playing {
        VideoPlayer(player: playing.player)
          .aspectRatio(aspect, contentMode: .fit)
          .clipShape(RoundedRectangle(cornerRadius: Radius.middle))
          .accessibilityLabel(Tame.name(offer.name))
      } else {
        start
      }
    }
    .task(id: playing?.id) { await playing?.watch() }
    .onDisappear { playing?.player.pause() }
  }

  /// Nothing is fetched for a player before somebody wants to see it.
  private var start: some View {
    Button {
      let playing = Playing(reader)
      self.playing = playing
      playing.play()
    } label: {
      ZStack {
        RoundedRectangle(cornerRadius: Radius.middle).fill(Palette.raised)
        SmallPicture(offer: offer)
        Image(systemName: "play.circle.fill").font(.largeTitle).foregroundStyle(Palette.accent)
      }
      .frame(minHeight: 120)
    }
    .buttonStyle(.plain)
    .accessibilityLabel("Play \(Tame.name(offer.name))")
  }

  private var aspect: CGFloat {
    guard offer.kind == .video, let size = offer.dimensions, size.width > 0, size.height > 0 else {
      return 16 / 9
    }
    return min(max(CGFloat(size.width) / CGFloat(size.height), 0.5), 3)
  }
}

/// A player and what feeds it.
@MainActor @Observable
final class Playing: Identifiable {
  nonisolated let id = UUID()
  let player: AVPlayer
  private(set) var isUnplayable = false
  /// The asset does not hold on to it.
  @ObservationIgnored private let media: ArrivingMedia

  init(_ reader: TransferReader) {
    media = ArrivingMedia(reader)
    player = AVPlayer(playerItem: AVPlayerItem(asset: media.asset))
    player.automaticallyWaitsToMinimizeStalling = true
    // Another device would have to fetch it from this one.
    player.allowsExternalPlayback = false
  }

  func play() {
    // Film is heard even where the switch says silent, as everywhere.
    try? AVAudioSession.sharedInstance().setCategory(.playback, mode: .moviePlayback)
    player.play()
  }

  /// Sees whether it can be played at all.
  func watch() async {
    let isPlayable = try? await media.asset.load(.isPlayable)
    if !Task.isCancelled { isUnplayable = isPlayable != true }
  }
}
