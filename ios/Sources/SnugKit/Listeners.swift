/// Those who listen to what happens in a room.
@MainActor
final class Listeners {
  private var listeners: [Int: AsyncStream<RoomEvent>.Continuation] = [:]
  private var next = 0

  /// What one may fall behind. A phone that sleeps has no use for more.
  private static let backlog = 256

  func add(isOver: Bool) -> AsyncStream<RoomEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: RoomEvent.self, bufferingPolicy: .bufferingNewest(Self.backlog))
    if isOver {
      continuation.finish()
      return stream
    }
    let id = next
    next += 1
    listeners[id] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { @MainActor in self?.listeners[id] = nil }
    }
    return stream
  }

  func tell(_ event: RoomEvent) {
    for listener in listeners.values { listener.yield(event) }
  }

  func finish() {
    for listener in listeners.values { listener.finish() }
    listeners = [:]
  }
}
