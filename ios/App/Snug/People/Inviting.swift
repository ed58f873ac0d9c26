import SnugKit
import SnugShared
import SwiftUI
import UIKit
import UniformTypeIdentifiers

/// The code of the room, to be read out.
struct SpokenCode: View {
  let code: Code

  var body: some View {
    // A token is for links alone.
    if code.secrecy != .token {
      Text(verbatim: code.text.replacing("-", with: " "))
        .font(.title2.weight(.semibold))
        .foregroundStyle(Palette.ink)
        .multilineTextAlignment(.center)
        .frame(maxWidth: .infinity)
        .textSelection(.enabled)
        .accessibilityLabel("Code of this room")
        .accessibilityValue(code.text)
    }
  }
}

/// The ways to give the code to somebody.
struct ShareActions: View {
  let code: Code
  /// Nothing where no server has a page for it.
  let link: String?
  @State private var isCopied = false

  var body: some View {
    VStack(spacing: Space.near) {
      if let address = link.flatMap(URL.init(string:)) {
        ShareLink(item: address) { Label("Share link", systemImage: "square.and.arrow.up") }
          .buttonStyle(.filled)
      }
      if code.secrecy != .token {
        Button(
          isCopied ? "Copied" : "Copy code", systemImage: isCopied ? "checkmark" : "doc.on.doc"
        ) {
          copy()
        }
        .buttonStyle(.outline)
        .sensoryFeedback(.success, trigger: isCopied) { _, now in now }
      }
    }
  }

  /// Only this phone pastes it, and not for long.
  private func copy() {
    UIPasteboard.general.setItems(
      [[UTType.utf8PlainText.identifier: code.text]],
      options: [.localOnly: true, .expirationDate: Date.now.addingTimeInterval(Self.lifetime)])
    isCopied = true
  }

  private static let lifetime: TimeInterval = 10 * 60
}

/// The link to the room, for somebody who sits across the table.
struct QRCodeView: View {
  let text: String

  var body: some View {
    if let picture = QRPicture(of: text) {
      Canvas { context, size in
        let module = min(size.width, size.height) / CGFloat(picture.size + 2 * Self.margin)
        var dark = SwiftUI.Path()
        for y in 0..<picture.size {
          for x in 0..<picture.size where picture.isDark(x, y) {
            let corner = CGPoint(
              x: CGFloat(x + Self.margin) * module, y: CGFloat(y + Self.margin) * module)
            dark.addRect(CGRect(origin: corner, size: CGSize(width: module, height: module)))
          }
        }
        context.fill(dark, with: .color(.black))
      }
      .aspectRatio(1, contentMode: .fit)
      .background(.white, in: RoundedRectangle(cornerRadius: Radius.small))
      .accessibilityLabel("QR code of the link to this room")
      .accessibilityAddTraits(.isImage)
    }
  }

  /// Light modules that belong around it.
  private static let margin = 4
}
