#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One of the standard streams, unbuffered.
enum Descriptor: Int32 {
  case output = 1
  case error = 2

  /// Writes everything, as it is; the system's reason where it does not take it.
  func write(_ text: String) -> Int32? {
    var text = text
    return text.withUTF8 { buffer -> Int32? in
      var written = 0
      while written < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(
          rebasing: UnsafeRawBufferPointer(buffer)[written...])
        let count = unsafe Self.write(rawValue, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return count < 0 ? errno : EIO }
        written += count
      }
      return nil
    }
  }

  /// Gives the streams that are closed a descriptor that refuses what is written: else the next file
  /// that is opened would take its number, and results would go into it.
  static func occupyClosed() {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  private static func write(
    _ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(descriptor, buffer, count)
    #else
      unsafe Darwin.write(descriptor, buffer, count)
    #endif
  }
}
