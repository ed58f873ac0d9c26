/// iOS 13.0
public struct Button<Label: View>: Drawn {
  /// iOS 13.0
  public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
}
extension Button where Label == Text {
  /// iOS 13.0
  public init(_ titleKey: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
  /// iOS 15.0
  public init(
    _ titleKey: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void
  ) {}
}
extension Button where Label == SwiftUI.Label<Text, Image> {
  /// iOS 17.0
  public init(
    _ titleKey: LocalizedStringKey, systemImage: String, action: @escaping @MainActor () -> Void
  ) {}
  /// iOS 17.0
  public init(
    _ titleKey: LocalizedStringKey, systemImage: String, role: ButtonRole?,
    action: @escaping @MainActor () -> Void
  ) {}
}

/// iOS 15.0
public struct ButtonRole: Equatable, Sendable {
  public static let destructive = ButtonRole()
  public static let cancel = ButtonRole()
}

/// iOS 13.0
@MainActor @preconcurrency
public protocol ButtonStyle {
  associatedtype Body: View
  @ViewBuilder @MainActor @preconcurrency func makeBody(configuration: Configuration) -> Body
  typealias Configuration = ButtonStyleConfiguration
}

/// iOS 13.0
public struct ButtonStyleConfiguration {
  public struct Label: Drawn {}
  public var label: Label { fatalError() }
  public var isPressed: Bool { fatalError() }
}

/// iOS 13.0
@MainActor @preconcurrency
public protocol PrimitiveButtonStyle {}

/// iOS 13.0
public struct PlainButtonStyle: PrimitiveButtonStyle {}
extension PrimitiveButtonStyle where Self == PlainButtonStyle {
  public static var plain: PlainButtonStyle { PlainButtonStyle() }
}

/// iOS 14.0
public struct Menu<Label: View, Content: View>: Drawn {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Label) {}
}

/// iOS 15.0
public struct ControlGroup<Content: View>: Drawn {
  public init(@ViewBuilder content: () -> Content) {}
}

/// iOS 15.0
public protocol ControlGroupStyle {}

/// iOS 16.4
public struct CompactMenuControlGroupStyle: ControlGroupStyle {}
extension ControlGroupStyle where Self == CompactMenuControlGroupStyle {
  public static var compactMenu: CompactMenuControlGroupStyle { CompactMenuControlGroupStyle() }
}

/// iOS 13.0
public struct Toggle<Label: View>: Drawn {
  public init(isOn: Binding<Bool>, @ViewBuilder label: () -> Label) {}
}

/// iOS 13.0
public struct Picker<Label: View, SelectionValue: Hashable, Content: View>: Drawn {
  public init(
    _ titleKey: LocalizedStringKey, selection: Binding<SelectionValue>,
    @ViewBuilder content: () -> Content
  ) where Label == Text {}
}

/// iOS 13.0
public protocol PickerStyle {}

/// iOS 13.0
public struct SegmentedPickerStyle: PickerStyle {}
extension PickerStyle where Self == SegmentedPickerStyle {
  public static var segmented: SegmentedPickerStyle { SegmentedPickerStyle() }
}

/// iOS 13.0
public struct TextField<Label: View>: Drawn {
  public init(_ titleKey: LocalizedStringKey, text: Binding<String>) where Label == Text {}
  /// iOS 16.0
  public init(_ titleKey: LocalizedStringKey, text: Binding<String>, axis: Axis)
  where Label == Text {}
}

/// iOS 14.0
public struct DisclosureGroup<Label: View, Content: View>: Drawn {}
extension DisclosureGroup where Label == Text {
  public init(
    _ titleKey: LocalizedStringKey, @ViewBuilder content: @escaping () -> Content
  ) {}
  public init(
    _ titleKey: LocalizedStringKey, isExpanded: Binding<Bool>,
    @ViewBuilder content: @escaping () -> Content
  ) {}
}

/// iOS 14.0
public struct ProgressView<Label: View, CurrentValueLabel: View>: Drawn {
  public init() where Label == EmptyView, CurrentValueLabel == EmptyView {}
  public init<V: BinaryFloatingPoint>(value: V?, total: V = 1.0)
  where Label == EmptyView, CurrentValueLabel == EmptyView {}
}

extension View {
  /// iOS 13.0
  public func buttonStyle<S: ButtonStyle>(_ style: S) -> some View { self }
  /// iOS 13.0
  public func buttonStyle<S: PrimitiveButtonStyle>(_ style: S) -> some View { self }
  /// iOS 15.0
  public func controlGroupStyle<S: ControlGroupStyle>(_ style: S) -> some View { self }
  /// iOS 13.0
  public func pickerStyle<S: PickerStyle>(_ style: S) -> some View { self }
  /// iOS 13.0
  public func disabled(_ disabled: Bool) -> some View { self }
  /// iOS 14.0
  public func keyboardShortcut(
    _ key: KeyEquivalent, modifiers: EventModifiers = .command
  ) -> some View { self }
  /// iOS 15.0
  public func submitLabel(_ submitLabel: SubmitLabel) -> some View { self }
  /// iOS 15.0
  public func onSubmit(of triggers: SubmitTriggers = .text, _ action: @escaping () -> Void)
    -> some View
  { self }
  /// iOS 15.0
  public func textInputAutocapitalization(_ autocapitalization: TextInputAutocapitalization?)
    -> some View
  { self }
  /// iOS 13.0
  public func autocorrectionDisabled(_ disable: Bool = true) -> some View { self }
}

/// iOS 14.0
public struct KeyEquivalent: Sendable {
  public static let `return` = KeyEquivalent()
}

/// iOS 13.0
public struct EventModifiers: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let command = EventModifiers(rawValue: 1)
}

/// iOS 15.0
public struct SubmitLabel: Sendable {
  public static var done: SubmitLabel { SubmitLabel() }
}

/// iOS 15.0
public struct SubmitTriggers: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let text = SubmitTriggers(rawValue: 1)
}

/// iOS 15.0
public struct TextInputAutocapitalization: Sendable {
  public static var never: TextInputAutocapitalization { TextInputAutocapitalization() }
  public static var words: TextInputAutocapitalization { TextInputAutocapitalization() }
}
