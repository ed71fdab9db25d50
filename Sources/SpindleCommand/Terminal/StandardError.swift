import SpindleFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard error.
enum StandardError {
  /// Prints a line.
  static func print(_ line: String) { write(printable(line) + "\n") }

  /// Writes a text as it is. There is nowhere to tell of a failure.
  static func write(_ text: String) { _ = Descriptor.error.write(text) }

  /// Whether a person watches, and the width of the terminal in columns.
  static var terminalWidth: Int? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}
