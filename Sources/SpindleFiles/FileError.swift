#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be read or written.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file that was to be read or written, as the caller named it.
  public let path: String
  /// What was being done, as in "cannot …".
  public let step: String
  /// The value of `errno`.
  public let code: Int32
  /// The system's text for `code`, or a clearer one.
  public let reason: String

  /// An error with the system's own text for `code`.
  init(path: String, step: String, code: Int32) {
    // glibc's strerror is safe in threads since 2.32; the text is copied at once.
    self.init(
      path: path, step: step, code: code, reason: unsafe String(cString: strerror(code)))
  }

  init(path: String, step: String, code: Int32, reason: String) {
    self.path = path
    self.step = step
    self.code = code
    self.reason = reason
  }

  /// One sentence with the path, the step and the system's reason.
  public var description: String { "\(path): cannot \(step): \(reason)" }
}
