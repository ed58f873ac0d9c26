import Foundation
import SnugKit
import Testing

@testable import SnugApp

/// What passes between two phones beside each other.
@Suite struct NearbyTests {
  private let ann = NearbyPeer(rawValue: "ann")
  private let ben = NearbyPeer(rawValue: "ben")

  @Test func whatIsWrappedIsUnwrapped() {
    for bytes in [Data(), Data([0]), Data([1]), Data((0..<200).map { $0 })] {
      guard case .frame(let frame)? = Envelope(Envelope.frame(bytes).bytes) else {
        Issue.record("no frame")
        return
      }
      #expect(frame == bytes)
    }
    guard case .taken? = Envelope(Envelope.taken.bytes) else {
      Issue.record("not taken")
      return
    }
  }

  @Test(arguments: [[], [2], [1, 0], [255, 0, 0]] as [[UInt8]])
  func whatNoPhoneSendsIsNothing(bytes: [UInt8]) {
    #expect(Envelope(Data(bytes)) == nil)
  }

  @Test func aWindowThatIsFullLetsNobodySendUntilOneWasTaken() async throws {
    let window = SendWindow()
    for _ in 0..<SendWindow.frames { try await window.take(1) }
    let next = Task { try await window.take(1) }
    // It may or may not wait by now; it gets on only by what was taken.
    window.taken()
    try await next.value
    #expect(window.outstanding == SendWindow.frames)
  }

  @Test func oneFrameFitsHoweverLarge() async throws {
    let window = SendWindow()
    try await window.take(.max)
    #expect(window.outstanding == 1)
  }

  @Test func whoWaitsHearsThatTheLinkIsGone() async throws {
    let window = SendWindow()
    try await window.take(.max)
    let next = Task { try await window.take(1) }
    window.close()
    await #expect(throws: NearbyFailure.self) { try await next.value }
    await #expect(throws: NearbyFailure.self) { try await window.take(1) }
  }

  @Test func eventsComeInOrderAndEnd() async {
    let inbox = NearbyInbox()
    inbox.put(.connected(ann))
    #expect(inbox.put(Data([7]), from: ann))
    inbox.put(.disconnected(ann))
    #expect(await inbox.next() == .connected(ann))
    #expect(await inbox.next() == .received(Data([7]), from: ann))
    #expect(await inbox.next() == .disconnected(ann))
    inbox.close()
    #expect(await inbox.next() == nil)
  }

  @Test func whoWaitsGetsWhatComes() async {
    let inbox = NearbyInbox()
    let next = Task { await inbox.next() }
    inbox.put(.connected(ben))
    #expect(await next.value == .connected(ben))
  }

  @Test func onePhoneCannotFillIt() async {
    let inbox = NearbyInbox()
    for _ in 0..<SendWindow.frames { #expect(inbox.put(Data([1]), from: ann)) }
    #expect(!inbox.put(Data([1]), from: ann))
    #expect(inbox.put(Data([1]), from: ben))
    // What the engine takes makes room again.
    _ = await inbox.next()
    #expect(inbox.put(Data([1]), from: ann))
  }
}
