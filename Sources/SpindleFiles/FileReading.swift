#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The size of a regular file in bytes, behind symbolic links; nil of anything else, and where the
/// system refuses: what reads it then says why.
package func byteCount(of path: String) -> Int? {
  guard let kind = try? SystemCalls.kind(of: path, followingLinks: true),
    case .regularFile(_, let byteCount) = kind
  else { return nil }
  return byteCount
}

/// Whether a path leads to a folder, behind symbolic links.
package func isFolder(_ path: String) -> Bool {
  (try? SystemCalls.kind(of: path, followingLinks: true)) == .directory
}

/// All bytes of a regular file.
///
/// The file has to fit in memory, which the caller makes sure of. A directory, a device and a pipe are errors.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
  let step = "open the file"
  // Without O_NONBLOCK opening a pipe would wait for its writer before we can refuse it.
  let descriptor = try SystemCalls.open(
    path, O_RDONLY | O_NONBLOCK, for: path, step: step)
  let result: Result<[UInt8], FileError>
  do throws(FileError) {
    switch try SystemCalls.kind(ofDescriptor: descriptor, path: path) {
    case .regularFile(_, let byteCount):
      result = .success(
        try SystemCalls.read(descriptor, byteCount: byteCount, path: path))
    case .directory:
      throw FileError(path: path, step: step, code: EISDIR)
    case .nothing, .symbolicLink, .other:
      throw FileError(path: path, step: step, code: EINVAL, reason: "it is not a regular file")
    }
  } catch {
    result = .failure(error)
  }
  // What was read is read: an error on closing a file opened for reading says nothing about it.
  try? SystemCalls.close(descriptor, path: path)
  return try result.get()
}
