@_exported import CoreGraphics
@_exported import FoundationExtras

/// iOS 2.0
open class UIColor: NSObject, @unchecked Sendable {
  public override init() {}
  public init(red: CGFloat, green: CGFloat, blue: CGFloat, alpha: CGFloat) {}
  /// iOS 13.0
  public init(dynamicProvider: @escaping @Sendable (UITraitCollection) -> UIColor) {}
}

/// iOS 8.0
open class UITraitCollection: NSObject, @unchecked Sendable {
  /// iOS 12.0
  open var userInterfaceStyle: UIUserInterfaceStyle { .dark }
}

/// iOS 12.0
public enum UIUserInterfaceStyle: Int, Sendable {
  case unspecified
  case light
  case dark
}

/// iOS 2.0
open class UIImage: NSObject, @unchecked Sendable {
  public init(cgImage: CGImage) {}
  public func jpegData(compressionQuality: CGFloat) -> Data? { nil }
}

/// iOS 2.0
@MainActor
open class UIResponder: NSObject {
  public override nonisolated init() {}
}

/// iOS 2.0
@MainActor
open class UIView: UIResponder {
  public override nonisolated init() {}
  open class var layerClass: AnyClass { CALayer.self }
  open var layer: CALayer { fatalError() }
}

/// iOS 2.0
open class CALayer: NSObject {}

/// iOS 2.0
@MainActor
open class UIViewController: UIResponder {
  public override nonisolated init() {}
}

/// iOS 6.0
@MainActor
open class UIActivityViewController: UIViewController {
  public init(activityItems: [Any], applicationActivities: [UIActivity]?) {}
  /// iOS 8.0
  open var completionWithItemsHandler: CompletionWithItemsHandler?
  public typealias CompletionWithItemsHandler = (ActivityType?, Bool, [Any]?, (any Error)?) -> Void
  public typealias ActivityType = UIActivity.ActivityType
}

/// iOS 6.0
open class UIActivity: NSObject {
  public struct ActivityType: Hashable, Sendable {}
}

/// iOS 2.0
@MainActor
open class UIApplication: UIResponder {
  open class var shared: UIApplication { fatalError() }
  open var isIdleTimerDisabled = false
  /// iOS 8.0
  public class var openSettingsURLString: String { "" }
  /// iOS 10.0
  open func open(
    _ url: URL, options: [OpenExternalURLOptionsKey: Any] = [:],
    completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
  ) {}
  /// iOS 7.0
  open func beginBackgroundTask(
    withName taskName: String?, expirationHandler handler: (@MainActor @Sendable () -> Void)? = nil
  ) -> UIBackgroundTaskIdentifier { .invalid }
  /// iOS 4.0
  open func endBackgroundTask(_ identifier: UIBackgroundTaskIdentifier) {}

  /// iOS 10.0
  public struct OpenExternalURLOptionsKey: Hashable, Sendable {}
}

/// iOS 4.0
public struct UIBackgroundTaskIdentifier: Hashable, Sendable {
  public static let invalid = UIBackgroundTaskIdentifier()
}

/// iOS 3.0
open class UIPasteboard: NSObject {
  open class var general: UIPasteboard { fatalError() }
  open var string: String?
  /// iOS 10.0
  open func setItems(_ items: [[String: Any]], options: [OptionsKey: Any] = [:]) {}

  /// iOS 10.0
  public struct OptionsKey: Hashable, Sendable {
    public static let expirationDate = OptionsKey()
    public static let localOnly = OptionsKey()
  }
}

/// iOS 2.0
public enum UIKeyboardType: Int, Sendable {
  case asciiCapable
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case URL
}
