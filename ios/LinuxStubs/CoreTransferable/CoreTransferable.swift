import Foundation
import UniformTypeIdentifiers

/// iOS 16.0
public protocol Transferable {
  associatedtype Representation: TransferRepresentation
  @TransferRepresentationBuilder<Self> static var transferRepresentation: Representation { get }
}

/// iOS 16.0
public protocol TransferRepresentation<Item>: Sendable {
  associatedtype Item: Transferable
}

/// iOS 16.0
@resultBuilder
public enum TransferRepresentationBuilder<Item: Transferable> {
  public static func buildBlock<Content: TransferRepresentation<Item>>(_ content: Content)
    -> Content
  { content }
  public static func buildBlock<C1: TransferRepresentation<Item>, C2: TransferRepresentation<Item>>(
    _ c1: C1, _ c2: C2
  ) -> some TransferRepresentation<Item> { c1 }
}

/// iOS 16.0
public struct FileRepresentation<Item: Transferable>: TransferRepresentation {
  public init(
    importedContentType: UTType, shouldAttemptToOpenInPlace: Bool = false,
    importing: @escaping @Sendable (ReceivedTransferredFile) async throws -> Item
  ) {}
}

/// iOS 16.0
public struct ReceivedTransferredFile: Sendable {
  public let file: URL
}
