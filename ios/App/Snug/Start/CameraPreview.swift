import AVFoundation
import SwiftUI
import UIKit

/// What the camera sees, until a QR code is in it.
struct CameraPreview: UIViewRepresentable {
  let found: (String) -> Void

  func makeCoordinator() -> QRCodeReader { QRCodeReader(found: found) }

  func makeUIView(context: Context) -> PreviewView {
    let view = PreviewView()
    view.preview?.session = context.coordinator.session
    view.preview?.videoGravity = .resizeAspectFill
    context.coordinator.start()
    return view
  }

  func updateUIView(_ view: PreviewView, context: Context) {}

  static func dismantleUIView(_ view: PreviewView, coordinator: QRCodeReader) {
    coordinator.stop()
  }
}

/// A view whose layer is the camera's picture.
final class PreviewView: UIView {
  override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }

  var preview: AVCaptureVideoPreviewLayer? { layer as? AVCaptureVideoPreviewLayer }
}

/// Looks for one QR code. Pictures are never kept.
@MainActor
final class QRCodeReader: NSObject {
  let session = AVCaptureSession()
  private let found: (String) -> Void
  private var isDone = false

  init(found: @escaping (String) -> Void) {
    self.found = found
  }

  func start() {
    guard let camera = AVCaptureDevice.default(for: .video),
      let input = try? AVCaptureDeviceInput(device: camera), session.canAddInput(input)
    else { return }
    let output = AVCaptureMetadataOutput()
    guard session.canAddOutput(output) else { return }
    session.beginConfiguration()
    session.addInput(input)
    session.addOutput(output)
    output.setMetadataObjectsDelegate(self, queue: .main)
    if output.availableMetadataObjectTypes.contains(.qr) { output.metadataObjectTypes = [.qr] }
    session.commitConfiguration()
    switching { $0.startRunning() }
  }

  func stop() {
    switching { $0.stopRunning() }
  }

  /// Starting and stopping waits for the camera, which must not hold up the screen.
  private func switching(_ change: @escaping @Sendable (AVCaptureSession) -> Void) {
    let held = Held(session: session)
    Self.queue.async { change(held.session) }
  }

  /// A session is made for being started on another thread than the one that sets it up.
  private struct Held: @unchecked Sendable {
    let session: AVCaptureSession
  }

  private static let queue = DispatchQueue(label: "snug.camera")
}

extension QRCodeReader: AVCaptureMetadataOutputObjectsDelegate {
  nonisolated func metadataOutput(
    _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject],
    from connection: AVCaptureConnection
  ) {
    let codes = objects.compactMap { ($0 as? AVMetadataMachineReadableCodeObject)?.stringValue }
    guard let code = codes.first else { return }
    // The queue given for it is the main one.
    MainActor.assumeIsolated {
      guard !isDone else { return }
      isDone = true
      found(code)
    }
  }
}
