#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few system calls the module needs; every one throws what it was doing and why it failed.
///
/// All other files of the module are free of file descriptors' pitfalls: interrupted calls, short
/// reads and writes, paths cut at a NUL.
enum SystemCalls {
  /// What a path leads to.
  enum Kind: Equatable {
    case nothing
    case regularFile(permissions: mode_t, byteCount: Int)
    case symbolicLink
    case directory
    case other
  }

  /// One system call moves at most this many bytes: Darwin refuses more than Int32.max.
  static let largestTransfer = 1 << 30

  static func open(
    _ path: String, _ flags: Int32, for target: String, step: String
  ) throws(FileError) -> Int32 {
    try requireCString(path, for: target, step: step)
    // 0666, of which the system takes away the user's umask.
    return try check(path: target, step: step) {
      openFile(path, flags | O_CLOEXEC, 0o666)
    }
  }

  /// What `path` leads to, itself or, with `followingLinks`, behind its symbolic links.
  static func kind(of path: String, followingLinks: Bool) throws(FileError) -> Kind {
    try requireCString(path, for: path, step: "inspect the path")
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    if result != 0 && errno == ENOENT { return .nothing }
    guard result == 0 else { throw FileError(path: path, step: "inspect the path", code: errno) }
    return kind(status)
  }

  static func kind(ofDescriptor descriptor: Int32, path: String) throws(FileError) -> Kind {
    var status = stat()
    _ = try check(path: path, step: "inspect the file") { unsafe fstat(descriptor, &status) }
    return kind(status)
  }

  /// Fills an array with up to `byteCount` bytes; fewer where the file ends before.
  static func read(
    _ descriptor: Int32, byteCount: Int, path: String
  ) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      while filled < byteCount {
        let wanted = min(byteCount - filled, largestTransfer)
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
        let count = unsafe readBytes(descriptor, rest.baseAddress, wanted)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failure = errno }
        guard count > 0 else { return }
        filled += count
      }
    }
    guard failure == 0 else {
      throw FileError(path: path, step: "read the file", code: failure)
    }
    return bytes
  }

  static func write(_ bytes: [UInt8], _ descriptor: Int32, path: String) throws(FileError) {
    let failure: Int32 = unsafe bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
        let count = unsafe writeBytes(
          descriptor, rest.baseAddress, min(rest.count, largestTransfer))
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return errno }
        // A device that takes nothing and reports nothing would otherwise hold us for ever.
        if count == 0 { return EIO }
        written += count
      }
      return 0
    }
    guard failure == 0 else {
      throw FileError(path: path, step: "write the file", code: failure)
    }
  }

  static func synchronize(_ descriptor: Int32, path: String, step: String) throws(FileError) {
    _ = try check(path: path, step: step) { fsync(descriptor) }
  }

  static func setPermissions(
    _ permissions: mode_t, _ descriptor: Int32, path: String
  ) throws(FileError) {
    _ = try check(path: path, step: "set the permissions of the new file") {
      fchmod(descriptor, permissions)
    }
  }

  /// Not repeated when interrupted: the descriptor is gone even then on Linux.
  static func close(_ descriptor: Int32, path: String) throws(FileError) {
    guard closeFile(descriptor) == 0 || errno == EINTR else {
      throw FileError(path: path, step: "close the file", code: errno)
    }
  }

  static func rename(_ old: String, onto new: String, path: String) throws(FileError) {
    _ = try check(path: path, step: "move the new file into place") {
      renameFile(old, new)
    }
  }

  /// Removes a file that no one will miss, so that a failure is of no interest.
  static func remove(_ path: String) {
    _ = unsafe unlink(path)
  }

  /// Takes the lock of an open file without waiting; false where another has it. Where the file
  /// system has no locks there is nobody to keep out.
  static func lock(_ descriptor: Int32) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      return errno != EWOULDBLOCK
    }
    return true
  }

  /// Whether an open file is still the one at `path`.
  static func isSame(_ descriptor: Int32, as path: String) -> Bool {
    var (open, there) = (stat(), stat())
    guard unsafe fstat(descriptor, &open) == 0, unsafe stat(path, &there) == 0 else { return false }
    return open.st_dev == there.st_dev && open.st_ino == there.st_ino
  }

  /// The file behind the symbolic link at `path`.
  static func resolve(_ path: String) throws(FileError) -> String {
    guard let resolved = unsafe realpath(path, nil) else {
      throw FileError(path: path, step: "follow the symbolic link", code: errno)
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func kind(_ status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      .regularFile(permissions: status.st_mode & 0o777, byteCount: Int(status.st_size))
    case S_IFLNK: .symbolicLink
    case S_IFDIR: .directory
    default: .other
    }
  }

  /// A path with a NUL inside would name another file in C.
  private static func requireCString(
    _ path: String, for target: String, step: String
  ) throws(FileError) {
    guard !path.utf8.contains(0) else {
      throw FileError(
        path: target, step: step, code: EINVAL, reason: "the path contains a NUL character")
    }
  }

  /// Repeats an interrupted call; throws where its result is negative.
  private static func check(
    path: String, step: String, _ call: () -> Int32
  ) throws(FileError) -> Int32 {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      guard code == EINTR else { throw FileError(path: path, step: step, code: code) }
    }
  }
}

// Members of the enum hide the C functions of the same name; these name the C ones.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  unsafe open(path, flags, mode)
}

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ n: Int) -> Int {
  unsafe read(descriptor, buffer, n)
}

private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ n: Int) -> Int {
  unsafe write(descriptor, buffer, n)
}

private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func renameFile(_ old: String, _ new: String) -> Int32 { unsafe rename(old, new) }
