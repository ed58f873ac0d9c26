import AVFoundation
import SnugShared
import SwiftUI

/// Reads the QR code of a room with the camera. What it finds is only shown: see `DoorView`.
struct ScanView: View {
  @Environment(\.dismiss) private var dismiss
  let found: (String) -> Void
  @State private var permission = AVCaptureDevice.authorizationStatus(for: .video)

  var body: some View {
    NavigationStack {
      Group {
        switch permission {
        case .authorized: camera
        case .notDetermined: Dots()
        default: refused
        }
      }
      .frame(maxWidth: .infinity, maxHeight: .infinity)
      .background(Palette.ground)
      .navigationTitle("Scan a code")
      .navigationBarTitleDisplayMode(.inline)
      .toolbar {
        ToolbarItem(placement: .cancellationAction) { Button("Cancel") { dismiss() } }
      }
    }
    .task {
      guard permission == .notDetermined else { return }
      permission = await AVCaptureDevice.requestAccess(for: .video) ? .authorized : .denied
    }
  }

  private var camera: some View {
    CameraPreview(found: found)
      .ignoresSafeArea(edges: .bottom)
      .overlay(alignment: .bottom) {
        Text("Point it at the QR code on the other screen.")
          .font(.subheadline)
          .padding(Space.middle)
          .background(.ultraThinMaterial, in: Capsule())
          .padding(Space.wide)
      }
      .accessibilityLabel("Camera")
      .accessibilityHint("Point it at the QR code on the other screen.")
  }

  private var refused: some View {
    VStack(spacing: Space.middle) {
      Text("Snug may not use the camera. Allow it in Settings, or type the code.")
        .multilineTextAlignment(.center)
        .foregroundStyle(Palette.ink)
      Button("Open Settings") { SystemSettings.open() }.buttonStyle(.outline).fixedSize()
    }
    .padding(Space.wide)
  }
}
