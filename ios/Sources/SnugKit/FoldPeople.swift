import Foundation
import SnugFFI

// Who is there, and how they are reached.
extension RoomModel {
  func foldPeople(_ event: SnugFFI.Event, _ now: Date) {
    switch event {
    case .peerJoined(let peer): join(meet(PersonID(rawValue: peer)))
    case .peerLeft(let peer, let goodbye): depart(PersonID(rawValue: peer), goodbye, now)
    case .link(let peer, let status):
      foldLink(meet(PersonID(rawValue: peer)), LinkState(status), now)
    case .profile(let profile): foldProfile(profile)
    case .typing(let peer, let on): meet(PersonID(rawValue: peer)).isTyping = on
    case .check(let check): foldCheck(meet(PersonID(rawValue: check.peer)), EmojiCheck(check))
    case .misbehaved(let peer, _):
      append(.note(.misbehaved(PersonID(rawValue: peer))), at: now)
      listeners.tell(.misbehaved(PersonID(rawValue: peer)))
    case .receipt(let peer, let delivered, let read):
      let person = meet(PersonID(rawValue: peer))
      person.delivered = delivered
      person.read = read
    case .missing(let author, let count): meet(PersonID(rawValue: author)).missing = count
    default: break
    }
  }

  /// A member, who is met now at the latest.
  func meet(_ id: PersonID) -> Person {
    if let known = person(id) { return known }
    if people.count >= Self.peopleLimit {
      people.remove(at: people.firstIndex { !$0.isHere } ?? 0)
    }
    let person = Person(id: id)
    person.since = arrivals
    arrivals += 1
    people.append(person)
    return person
  }

  /// Somebody who comes and goes under ever new names must not fill the phone. More than any room
  /// has seats.
  static let peopleLimit = 256

  private func join(_ person: Person) {
    if person.isHere { return }
    person.isHere = true
    person.wasMet = false
    person.link = .connecting
  }

  private func depart(_ id: PersonID, _ goodbye: Bool, _ now: Date) {
    guard let person = person(id), person.isHere else { return }
    person.isHere = false
    person.isTyping = false
    person.link = .connecting
    person.rate = 0
    guard person.wasMet else { return }
    append(.note(.left(id, saidGoodbye: goodbye)), at: now)
    listeners.tell(.left(id, saidGoodbye: goodbye))
  }

  private func foldLink(_ person: Person, _ link: LinkState, _ now: Date) {
    let wasVerified = person.trust == .verified || person.trust == .compared
    person.link = link
    guard case .connected(let verified, _) = link else { return }
    person.isHere = true
    if !person.wasMet {
      person.wasMet = true
      append(.note(.joined(person.id)), at: now)
      listeners.tell(.joined(person.id))
    }
    if verified && !wasVerified { listeners.tell(.verified(person.id)) }
  }

  private func foldProfile(_ profile: SnugFFI.Person) {
    let id = PersonID(rawValue: profile.peer)
    if id == me { nickname = profile.nickname } else { meet(id).nickname = profile.nickname }
  }

  private func foldCheck(_ person: Person, _ check: EmojiCheck) {
    if person.check?.emoji != check.emoji { person.isCompared = false }
    person.check = check
  }
}
