import Foundation

/// Numbers and times as people read them.
enum Words {
  /// Bytes, with the unit that fits: 1.4 MB.
  static func size(_ bytes: UInt64) -> String {
    Int64(clamping: bytes).formatted(.byteCount(style: .file))
  }

  /// Bytes a second.
  static func rate(_ bytesPerSecond: Double) -> String {
    String(localized: "\(size(UInt64(max(0, bytesPerSecond))))/s")
  }

  /// A time to wait: 3 min, 40 s.
  static func wait(_ time: Duration) -> String {
    let rounded = max(.seconds(1), time)
    let units: Set<Duration.UnitsFormatStyle.Unit> =
      rounded < .seconds(90) ? [.seconds] : [.hours, .minutes]
    return rounded.formatted(
      .units(allowed: units, width: .abbreviated, maximumUnitCount: 1))
  }
}
