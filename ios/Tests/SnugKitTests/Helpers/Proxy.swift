import Foundation

/// What stands between a phone and the server, and can be cut: every connection ends, and new ones
/// end at once, until it is mended.
final class Proxy: @unchecked Sendable {
  /// Where it listens: `http://127.0.0.1:port`.
  let address: String
  private let listener: Int32
  private let server: UInt16
  private let lock = NSLock()
  private var isCut = false
  private var sockets: Set<Int32> = []

  /// Stands before the server on this port.
  init(to server: UInt16) throws {
    self.server = server
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard let port = try? listener.listenOnLoopback() else { throw NoSocket() }
    address = "http://127.0.0.1:\(port)"
    let listener = listener
    Thread { [weak self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        guard let self else { break }
        self.join(client)
      }
    }.start()
  }

  deinit {
    cut()
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// Ends every connection, and lets none through from now on.
  func cut() {
    lock.withLock {
      isCut = true
      for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// Lets connections through again.
  func mend() {
    lock.withLock { isCut = false }
  }

  private func join(_ client: Int32) {
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let isOpen = lock.withLock {
      guard !isCut, upstream.connectToLoopback(server) else { return false }
      sockets.formUnion([client, upstream])
      return true
    }
    guard isOpen else {
      close(client)
      close(upstream)
      return
    }
    let open = DispatchGroup()
    for (from, to) in [(client, upstream), (upstream, client)] {
      open.enter()
      Thread {
        from.copyAll(to: to)
        open.leave()
      }.start()
    }
    open.notify(queue: .global()) { self.forget(client, upstream) }
  }

  private func forget(_ client: Int32, _ upstream: Int32) {
    lock.withLock { sockets.subtract([client, upstream]) }
    close(client)
    close(upstream)
  }

  struct NoSocket: Error {}
}

extension Int32 {
  /// Listens on a free port of this machine alone, and tells which.
  fileprivate func listenOnLoopback() throws -> UInt16 {
    var address = sockaddr_in.loopback(0)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
      let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      var size = socklen_t(bytes.count)
      return bind(self, address, size) == 0 && listen(self, 64) == 0
        && getsockname(self, address, &size) == 0
    }
    guard isListening else { throw Proxy.NoSocket() }
    return UInt16(bigEndian: address.sin_port)
  }

  fileprivate func connectToLoopback(_ port: UInt16) -> Bool {
    var address = sockaddr_in.loopback(port)
    return withUnsafeMutableBytes(of: &address) { bytes in
      let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return connect(self, address, socklen_t(bytes.count)) == 0
    }
  }

  /// Copies everything that comes, until nothing more does.
  fileprivate func copyAll(to other: Int32) {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(self, &bytes, bytes.count, 0), count > 0 {
      var sent = 0
      while sent < count {
        let more = bytes[sent..<count].withUnsafeBytes {
          send(other, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard more > 0 else { break }
        sent += more
      }
      if sent < count { break }
    }
    shutdown(other, Int32(SHUT_RDWR))
  }
}

extension sockaddr_in {
  fileprivate static func loopback(_ port: UInt16) -> Self {
    var address = Self()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return address
  }
}
