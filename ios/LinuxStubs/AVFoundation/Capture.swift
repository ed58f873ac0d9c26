@_exported import CoreGraphics
import UIKit

/// iOS 4.0
open class AVCaptureDevice: NSObject, @unchecked Sendable {
  /// iOS 7.0
  open class func authorizationStatus(for mediaType: AVMediaType) -> AVAuthorizationStatus {
    .denied
  }
  /// iOS 7.0
  open class func requestAccess(for mediaType: AVMediaType) async -> Bool { false }
  open class func `default`(for mediaType: AVMediaType) -> AVCaptureDevice? { nil }
}

/// iOS 4.0
public struct AVMediaType: Hashable, Sendable {
  public static let video = AVMediaType()
}

/// iOS 7.0
public enum AVAuthorizationStatus: Int, Sendable {
  case notDetermined
  case restricted
  case denied
  case authorized
}

/// iOS 4.0
open class AVCaptureInput: NSObject {}

/// iOS 4.0
open class AVCaptureDeviceInput: AVCaptureInput {
  public init(device: AVCaptureDevice) throws {}
}

/// iOS 4.0
open class AVCaptureOutput: NSObject {}

/// iOS 4.0
open class AVCaptureSession: NSObject {
  open func beginConfiguration() {}
  open func commitConfiguration() {}
  open func canAddInput(_ input: AVCaptureInput) -> Bool { false }
  open func addInput(_ input: AVCaptureInput) {}
  open func canAddOutput(_ output: AVCaptureOutput) -> Bool { false }
  open func addOutput(_ output: AVCaptureOutput) {}
  open func startRunning() {}
  open func stopRunning() {}
}

/// iOS 4.0
open class AVCaptureConnection: NSObject {}

/// iOS 4.0
open class AVCaptureVideoPreviewLayer: CALayer {
  open var session: AVCaptureSession?
  open var videoGravity = AVLayerVideoGravity.resizeAspectFill
}

/// iOS 4.0
public struct AVLayerVideoGravity: Hashable, Sendable {
  public static let resizeAspectFill = AVLayerVideoGravity()
}

/// iOS 6.0
open class AVCaptureMetadataOutput: AVCaptureOutput {
  open func setMetadataObjectsDelegate(
    _ objectsDelegate: (any AVCaptureMetadataOutputObjectsDelegate)?,
    queue objectsCallbackQueue: DispatchQueue?
  ) {}
  open var availableMetadataObjectTypes: [AVMetadataObject.ObjectType] { [] }
  open var metadataObjectTypes: [AVMetadataObject.ObjectType]! = []
}

/// iOS 6.0
public protocol AVCaptureMetadataOutputObjectsDelegate: NSObjectProtocol {
  func metadataOutput(
    _ output: AVCaptureMetadataOutput, didOutput metadataObjects: [AVMetadataObject],
    from connection: AVCaptureConnection)
}

/// iOS 6.0
open class AVMetadataObject: NSObject {
  public struct ObjectType: Hashable, Sendable {
    /// iOS 7.0
    public static let qr = ObjectType()
  }
}

/// iOS 7.0
open class AVMetadataMachineReadableCodeObject: AVMetadataObject {
  open var stringValue: String? { nil }
}
