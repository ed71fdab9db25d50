#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files so that at every moment the path holds the old content or the new, whole.
///
/// The content goes to a temporary file in the same directory, which is flushed to the disk and
/// then renamed onto the path; at last the directory is flushed. On any error before the renaming
/// the temporary file is removed and the old file stays as it was. Only a process killed in
/// between leaves a temporary file, named `.spindle-` and 16 hexadecimal digits.
///
/// A new file gets the permissions 0666 less the umask, a replaced one keeps its own. A symbolic
/// link is followed, and the file behind it replaced. A directory, a device or a pipe at the path
/// is an error.
public enum AtomicFile {
  /// Makes `bytes` the content of the file at `path`.
  ///
  /// - Throws: a `FileError` that names the path, the step that failed and the system's reason,
  ///   such as a missing or unwritable directory or a full disk. Only where flushing the
  ///   directory fails is the new content in place already, if perhaps not for good.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(pieces: [bytes], to: path)
  }

  /// Makes `text`, in UTF-8, the content of the file at `path`.
  ///
  /// - Throws: as `write(_:to:)` for bytes does.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(pieces: [Array(text.utf8)], to: path)
  }

  /// Makes the pieces, one after the other, the content of the file at `path`, without joining
  /// them in memory.
  ///
  /// - Throws: as `write(_:to:)` does.
  public static func write(pieces: [[UInt8]], to path: String) throws(FileError) {
    try replace(path) { descriptor throws(FileError) in
      for piece in pieces { try SystemCalls.write(piece, descriptor, path: path) }
    }
  }

  /// Proves that a file can be written at `path`, which stays as it is: permission bits would not
  /// tell, which the superuser and a read-only disk ignore.
  ///
  /// - Throws: as `write(_:to:)` does.
  public static func probe(_ path: String) throws(FileError) {
    var temporary = try TemporaryFile(in: try AtomicTarget(path).directory, for: path)
    temporary.remove()
  }

  /// Replaces the file at `path` by what `fill` writes to the descriptor it is given.
  static func replace(
    _ path: String, fill: (Int32) throws(FileError) -> Void
  ) throws(FileError) {
    let target = try AtomicTarget(path)
    var temporary = try TemporaryFile(in: target.directory, for: path)
    do throws(FileError) {
      if let permissions = target.permissions {
        try SystemCalls.setPermissions(permissions, temporary.descriptor, path: path)
      }
      try fill(temporary.descriptor)
      try SystemCalls.synchronize(
        temporary.descriptor, path: path, step: "flush the file to the disk")
      try temporary.close()
      try SystemCalls.rename(temporary.path, onto: target.path, path: path)
    } catch {
      temporary.remove()
      throw error
    }
    try synchronizeDirectory(target.directory, for: path)
  }

  /// Makes the renaming itself last through a loss of power.
  private static func synchronizeDirectory(
    _ directory: String, for path: String
  ) throws(FileError) {
    let step = "flush the directory \(directory) to the disk"
    do throws(FileError) {
      let descriptor = try SystemCalls.open(
        directory, O_RDONLY | O_DIRECTORY, for: path, step: step)
      // Nothing was written through this descriptor, so closing it loses nothing.
      defer { try? SystemCalls.close(descriptor, path: path) }
      try SystemCalls.synchronize(descriptor, path: path, step: step)
    } catch {
      // A directory may be writable but not readable, and some file systems cannot flush one:
      // neither makes the new file less complete.
      guard error.code == EACCES || error.code == EINVAL else { throw error }
    }
  }
}

/// Where the new file goes: the path itself, or the file behind it if it is a symbolic link.
struct AtomicTarget {
  let path: String
  let directory: String
  /// Those of the file to be replaced; nil where there is none.
  let permissions: mode_t?

  init(_ given: String) throws(FileError) {
    var path = given
    var kind = try SystemCalls.kind(of: path, followingLinks: false)
    if kind == .symbolicLink {
      path = try SystemCalls.resolve(path)
      kind = try SystemCalls.kind(of: path, followingLinks: true)
    }
    switch kind {
    case .nothing: permissions = nil
    case .regularFile(let found, _): permissions = found
    case .directory: throw FileError(path: given, step: "replace the file", code: EISDIR)
    case .symbolicLink, .other:
      // Renaming onto a device such as /dev/null would put a plain file in its place.
      throw FileError(
        path: given, step: "replace the file", code: EINVAL, reason: "it is not a regular file")
    }
    self.path = path
    directory = Self.directory(of: path)
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
  }
}

/// A new empty file, open for writing, with a name no one else uses.
private struct TemporaryFile {
  let path: String
  private(set) var descriptor: Int32
  private let target: String
  private static let attempts = 16

  init(in directory: String, for target: String) throws(FileError) {
    self.target = target
    let step = "create a file in the directory \(directory)"
    for _ in 0..<Self.attempts {
      let candidate = "\(directory)/\(Self.randomName())"
      do throws(FileError) {
        descriptor = try SystemCalls.open(
          candidate, O_WRONLY | O_CREAT | O_EXCL, for: target, step: step)
        path = candidate
        return
      } catch {
        guard error.code == EEXIST else { throw error }
      }
    }
    throw FileError(path: target, step: step, code: EEXIST)
  }

  /// The target's name is left out: with it the name could be longer than the system allows.
  private static func randomName() -> String {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return ".spindle-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// Closes the file; some file systems report a full disk only here.
  mutating func close() throws(FileError) {
    let open = descriptor
    descriptor = -1
    try SystemCalls.close(open, path: target)
  }

  mutating func remove() {
    // The error that brought us here is the one to report.
    if descriptor >= 0 { try? close() }
    SystemCalls.remove(path)
  }
}
