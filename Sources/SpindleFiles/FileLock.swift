#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keeps other processes that ask for it from writing the same file: a lock on an empty file beside
/// it, named as the file and ".lock". The system frees it when the process ends, however it ends; the
/// empty file goes when the lock is released, and may stay after a kill, which harms nothing.
package final class FileLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the file at `path`, which need not be there; nil where another has it.
  ///
  /// A file system without locks gives one that keeps nobody out.
  ///
  /// - Throws: `FileError` where no file can be made beside it.
  package static func take(for path: String) throws(FileError) -> FileLock? {
    let target = try AtomicTarget(path)
    let lockPath = target.directory + "/" + Self.name(for: target.path)
    while true {
      let descriptor = try SystemCalls.open(
        lockPath, O_RDWR | O_CREAT, for: path, step: "create its lock \(lockPath)")
      guard SystemCalls.lock(descriptor) else {
        try? SystemCalls.close(descriptor, path: path)
        return nil
      }
      // Its holder may have removed the file between our opening and locking it.
      if SystemCalls.isSame(descriptor, as: lockPath) {
        return FileLock(path: lockPath, descriptor: descriptor)
      }
      try? SystemCalls.close(descriptor, path: path)
    }
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    SystemCalls.remove(path)
    try? SystemCalls.close(descriptor, path: path)
  }

  /// A name may have 255 bytes.
  private static func name(for path: String) -> String {
    let name =
      path.utf8.lastIndex(of: UInt8(ascii: "/")).map {
        String(path[path.utf8.index(after: $0)...])
      } ?? path
    let whole = name + ".lock"
    return whole.utf8.count <= 255
      ? whole : String(decoding: name.utf8.prefix(200), as: UTF8.self) + ".lock"
  }
}
