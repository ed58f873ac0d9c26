import Observation

/// Waits until something is so: looks again whenever a model that it asked has changed. Throws
/// when the test has run out of time.
@MainActor
func until(_ isSo: @MainActor () -> Bool) async throws {
  let (changes, change) = AsyncStream.makeStream(
    of: Void.self, bufferingPolicy: .bufferingNewest(1))
  var next = changes.makeAsyncIterator()
  // Told before the change: but the main actor comes back here only after it.
  while !withObservationTracking(isSo, onChange: { change.yield() }) {
    if await next.next() == nil { throw CancellationError() }
  }
}
