import Foundation
import SnugFFI

// Takes in what the engine tells. Only data: what has to be done about it is in the visit.
extension RoomModel {
  /// Changes the models by one event.
  func fold(_ event: SnugFFI.Event, now: Date) {
    switch event {
    case .room(let code, let me, let peers): enter(code, me, peers)
    case .server(let status): foldServer(status, now)
    case .refused(let reason, _): tell(Notice(reason))
    case .ended(let reason, let refusal, let message):
      finish(Ending(reason, refusal, message))
    case .guesses(let wrong, let closed):
      connection.wrongGuesses = Int(wrong)
      connection.isClosedToNewcomers = closed
      listeners.tell(.wrongGuess(count: Int(wrong), closed: closed))
    case .split(let peers): connection.keptApart = peers.map { PersonID(rawValue: $0) }
    case .peerJoined, .peerLeft, .link, .profile, .typing, .check, .misbehaved, .receipt, .missing:
      foldPeople(event, now)
    case .message, .edited, .deleted, .reacted:
      foldChat(event, now)
    case .offered, .offering, .progress, .received, .delivered, .declined, .stalled, .stranded,
      .paused, .checking, .transferFailed, .offerWithdrawn:
      foldTransfers(event, now)
    case .other: break
    }
  }

  /// Says that something could not be done.
  func tell(_ notice: Notice) {
    self.notice = notice
    listeners.tell(.notice(notice))
  }

  /// Puts something into the timeline behind everything that is there.
  func append(_ content: TimelineEntry.Content, at now: Date) {
    let place = history.lastPlace(arrival: arrivals)
    insert(TimelineEntry(id: arrivals, at: now, content: content, place: place))
    arrivals += 1
  }

  /// Puts something into its place in the timeline, and forgets what falls out of it.
  func insert(_ entry: TimelineEntry) {
    switch history.insert(entry)?.content {
    case .message(let id): messages[id] = nil
    case .transfer(let id): transfers.removeAll { $0.id == id && $0.isForgettable }
    case .note, nil: break
    }
  }

  private func enter(_ code: String, _ me: String, _ peers: [String]) {
    if case .complete(let code) = Code.read(code) { self.code = code }
    self.me = PersonID(rawValue: me)
    for peer in peers { meet(PersonID(rawValue: peer)).wasMet = true }
    if connection.server == .connecting { connection.server = .online }
    phase = .inRoom
    listeners.tell(.entered)
  }

  private func foldServer(_ status: ServerStatus, _ now: Date) {
    guard connection.server != .unused else { return }
    let wasDown = if case .offline = connection.server { true } else { false }
    switch status {
    case .online:
      connection.server = .online
      guard me != nil else { return }
      phase = .inRoom
      if wasDown { listeners.tell(.connectionRestored) }
    case .offline(let reason, let retryInMs):
      let retryAt = now.addingTimeInterval(Double(retryInMs) / 1000)
      let outage = Outage(detail: reason, retryAt: retryAt)
      connection.server = .offline(outage)
      guard me != nil else { return }
      phase = .reconnecting(outage)
      if !wasDown { listeners.tell(.connectionLost) }
    }
  }
}

extension Transfer {
  /// Whether nothing is lost when nobody sees it any more.
  var isForgettable: Bool {
    switch state {
    case .done(.memory): isTaken
    case .done, .failed, .declined, .withdrawn: true
    case .hashing, .offered, .checking, .running, .paused, .stalled, .stranded: false
    }
  }
}
