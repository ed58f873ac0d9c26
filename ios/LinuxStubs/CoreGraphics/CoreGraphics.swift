@_exported import Foundation

/// iOS 2.0
public final class CGImage: @unchecked Sendable {}

/// iOS 2.0
public enum CGLineCap: Int32, Sendable {
  case butt
  case round
  case square
}

/// iOS 2.0
public enum CGLineJoin: Int32, Sendable {
  case miter
  case round
  case bevel
}

// What Apple's Swift casts with `as`, and Swift on Linux does not, is the same type here.

/// iOS 2.0
public typealias CFString = String
/// iOS 2.0
public typealias CFDictionary = [String: Any]
/// iOS 2.0
public typealias CFData = Data
/// iOS 2.0
public typealias CFURL = URL
