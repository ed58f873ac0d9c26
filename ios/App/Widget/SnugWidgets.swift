import SwiftUI
import WidgetKit

/// What Snug shows outside of the app: running transfers, and nothing else.
@main
struct SnugWidgets: WidgetBundle {
  var body: some Widget {
    TransferWidget()
  }
}
