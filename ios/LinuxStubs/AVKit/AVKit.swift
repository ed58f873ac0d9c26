import AVFoundation
import SwiftUI

/// iOS 14.0
public struct VideoPlayer<VideoOverlay: View>: Drawn {
  public init(player: AVPlayer?) where VideoOverlay == EmptyView {}
}
