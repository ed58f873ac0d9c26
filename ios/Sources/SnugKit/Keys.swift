// Stable names of states that are told to people, for the app's tables of texts. Enums without
// values have them as `rawValue`.

extension Ending {
  /// Names it, whatever its detail.
  public var key: String {
    switch self {
    case .left: "left"
    case .roomNotFound: "roomNotFound"
    case .serverRefused: "serverRefused"
    case .keptOut: "keptOut"
    case .serverUnreachable: "serverUnreachable"
    case .nearbyUnavailable: "nearbyUnavailable"
    case .invalid: "invalid"
    case .crashed: "crashed"
    case .other: "other"
    }
  }
}

extension TransferFailure {
  /// Names it, whatever its detail.
  public var key: String {
    switch self {
    case .cancelled: "cancelled"
    case .cancelledByOther: "cancelledByOther"
    case .sourceGone: "sourceGone"
    case .receiverGone: "receiverGone"
    case .corrupt: "corrupt"
    case .sourceChanged: "sourceChanged"
    case .receiverCannotStore: "receiverCannotStore"
    case .cannotStore: "cannotStore"
    case .cannotRead: "cannotRead"
    case .cannotOffer: "cannotOffer"
    case .other: "other"
    }
  }
}
