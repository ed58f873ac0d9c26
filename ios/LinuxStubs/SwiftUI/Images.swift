import UIKit

/// iOS 13.0
public struct Image: Drawn, Equatable, Sendable {
  public nonisolated init(systemName: String) {}
  public nonisolated init(uiImage: UIImage) {}
  public nonisolated func resizable(
    capInsets: EdgeInsets = EdgeInsets(), resizingMode: ResizingMode = .stretch
  ) -> Image { self }

  public enum ResizingMode: Sendable {
    case tile
    case stretch
  }
}

/// iOS 13.0
public struct EdgeInsets: Equatable, Sendable {
  public init() {}
}

/// iOS 14.0
public struct Label<Title: View, Icon: View>: Drawn {
  public init(@ViewBuilder title: () -> Title, @ViewBuilder icon: () -> Icon) {}
}
extension Label where Title == Text, Icon == Image {
  public init(_ titleKey: LocalizedStringKey, systemImage name: String) {}
}

/// iOS 14.0
public protocol LabelStyle {}

/// iOS 14.0
public struct IconOnlyLabelStyle: LabelStyle {}
extension LabelStyle where Self == IconOnlyLabelStyle {
  public static var iconOnly: IconOnlyLabelStyle { IconOnlyLabelStyle() }
}

/// iOS 14.5
public struct TitleAndIconLabelStyle: LabelStyle {}
extension LabelStyle where Self == TitleAndIconLabelStyle {
  public static var titleAndIcon: TitleAndIconLabelStyle { TitleAndIconLabelStyle() }
}

extension View {
  /// iOS 14.0
  public func labelStyle<S: LabelStyle>(_ style: S) -> some View { self }
}
