import Foundation

/// What somebody came with: a code, or a link that ends in one. What it says is for the engine to
/// read.
struct Invitation: Hashable {
  let text: String

  /// The app's own scheme stands for the page's: `snug://host/#code`.
  init(_ given: String) {
    let own = "snug://"
    let address = given.trimmingCharacters(in: .whitespacesAndNewlines)
    text =
      address.lowercased().hasPrefix(own) ? "https://" + address.dropFirst(own.count) : address
  }
}

/// Who introduces people, unless a link says otherwise.
enum Server {
  /// As somebody set it, or as this build has it: an address is no secret.
  static var address: String {
    UserDefaults.standard.string(forKey: key) ?? builtIn
  }

  /// Takes another address; an empty one for the usual.
  static func choose(_ typed: String) {
    let address = typed.trimmingCharacters(in: .whitespacesAndNewlines)
    UserDefaults.standard.set(address.isEmpty || address == builtIn ? nil : address, forKey: key)
  }

  private static var builtIn: String {
    Bundle.main.object(forInfoDictionaryKey: "SnugServer") as? String ?? ""
  }

  private static let key = "server"
}
