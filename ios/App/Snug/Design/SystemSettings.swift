import UIKit

/// Where a person allows what they did not before.
@MainActor
enum SystemSettings {
  static func open() {
    guard let address = URL(string: UIApplication.openSettingsURLString) else { return }
    UIApplication.shared.open(address)
  }
}
