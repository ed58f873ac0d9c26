import ActivityKit

/// What the lock screen shows of running transfers. Anybody can read a lock screen, so it knows
/// neither names nor people: only how many files, how far and how fast.
public struct TransferAttributes: ActivityAttributes {
  public struct ContentState: Codable, Hashable, Sendable {
    /// Files on their way to this device.
    public var incoming: Int
    /// Files on their way from it.
    public var outgoing: Int
    /// Between 0 and 1, over all of them.
    public var fraction: Double
    /// Bytes a second.
    public var rate: Double
    /// Seconds that are left, where that can be told.
    public var secondsLeft: Double?
    /// Whether nothing moves, because the others are not reached.
    public var waiting: Bool

    public init(
      incoming: Int, outgoing: Int, fraction: Double, rate: Double, secondsLeft: Double?,
      waiting: Bool
    ) {
      self.incoming = incoming
      self.outgoing = outgoing
      self.fraction = fraction
      self.rate = rate
      self.secondsLeft = secondsLeft
      self.waiting = waiting
    }
  }

  public init() {}
}
