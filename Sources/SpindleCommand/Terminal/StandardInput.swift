#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard input, line by line as they come.
struct StandardInput {
  /// The longest line.
  private static let longest = 1 << 24

  private var bytes: [UInt8] = []
  /// Bytes asked for at a time.
  private var room = [UInt8](repeating: 0, count: 1 << 16)
  /// Where the next line begins, and how far it has been looked at.
  private var position = 0
  private var searched = 0
  private var isAtEnd = false
  /// When the last bytes came.
  private(set) var arrival = ContinuousClock.now

  /// Whether the next line can be had without waiting.
  mutating func hasLine() -> Bool { endOfLine() != nil }

  /// The next line without its end; nil behind the last, or where the user asked to end. Waits for
  /// it.
  mutating func next() throws(InputError) -> [UInt8]? {
    while true {
      if let end = endOfLine() {
        defer { position = end + 1 }
        return Array(bytes[position..<end])
      }
      if isAtEnd {
        guard position < bytes.count else { return nil }
        defer { position = bytes.count }
        return Array(bytes[position...])
      }
      guard bytes.count - position <= Self.longest else { throw .longLine(Self.longest) }
      guard try readMore() else { return nil }
    }
  }

  private mutating func endOfLine() -> Int? {
    let end = bytes[max(searched, position)...].firstIndex(of: UInt8(ascii: "\n"))
    searched = end ?? bytes.count
    return end
  }

  /// Waits for more bytes, or the end; false where the user asked to end.
  private mutating func readMore() throws(InputError) -> Bool {
    bytes.removeSubrange(..<position)
    searched -= position
    position = 0
    while !Interrupt.isRequested {
      var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      // A signal ends the wait; not for ever, for one may come just before it.
      let ready = unsafe poll(&wanted, 1, 200)
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      let count = unsafe room.withUnsafeMutableBytes { buffer in
        unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      }
      let code = errno
      arrival = .now
      if count > 0 {
        bytes += room[..<count]
        return true
      }
      if count == 0 {
        isAtEnd = true
        return true
      }
      if code != EINTR && code != EAGAIN { throw .unreadable(code) }
    }
    return false
  }
}

/// Standard input gives no more lines.
enum InputError: Error, CustomStringConvertible {
  case longLine(Int)
  case unreadable(Int32)

  var description: String {
    switch self {
    case .longLine(let limit): "standard input: expected lines of at most \(limit) bytes"
    case .unreadable(let code):
      "standard input cannot be read: " + (unsafe String(cString: strerror(code)))
    }
  }
}
