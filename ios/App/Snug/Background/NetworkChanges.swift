import Foundation
import Network

/// Which network the phone has: how it is now, then whenever it changes.
func networks() -> AsyncStream<Void> {
  let (changes, continuation) = AsyncStream.makeStream(
    of: Void.self, bufferingPolicy: .bufferingNewest(1))
  let monitor = NWPathMonitor()
  monitor.pathUpdateHandler = { _ in continuation.yield() }
  continuation.onTermination = { _ in monitor.cancel() }
  monitor.start(queue: DispatchQueue(label: "snug.network"))
  return changes
}
