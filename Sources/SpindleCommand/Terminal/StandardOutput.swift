import SpindleFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Standard output, the one way by which results leave the program. What a full disk, a closed stream
/// or a reader that went away does not take is never lost in silence.
enum StandardOutput {
  /// Prints a text and a line's end.
  static func print(_ text: String, terminator: String = "\n") throws(OutputError) {
    guard let code = Descriptor.output.write(printable(text + terminator)) else { return }
    throw OutputError(code: code)
  }
}

/// Standard output took no more.
struct OutputError: Error {
  let code: Int32

  /// The status of a program that SIGPIPE ends, as a shell tells it.
  static let brokenPipeStatus: Int32 = 128 + SIGPIPE

  /// A reader that wants no more, such as `head`: nothing to tell of.
  var isBrokenPipe: Bool { code == EPIPE }

  /// One sentence.
  var description: String {
    "the results could not be written to standard output: "
      + (unsafe String(cString: strerror(code)))
  }
}
