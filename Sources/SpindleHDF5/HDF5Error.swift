import SpindleFiles
import SpindleJSON
import SpindleTensors

/// Why an HDF5 file, or an object in it, was refused. Objects are named by their path in the file,
/// as in "/spikes/times"; offsets are bytes from the file's beginning.
public enum HDF5Error: Error, Equatable, Sendable {
  /// The file could not be read or written at all.
  case file(FileError)
  /// The error met in the file at this path.
  indirect case inFile(path: String, HDF5Error)
  /// No HDF5 signature stands where one may.
  case notHDF5
  /// The file ends before it says that it does.
  case truncated(expected: Int, found: Int)
  /// The bytes at an offset, read for an object, are not what the format asks for.
  case damaged(object: String, offset: Int, reason: String)
  /// Something of HDF5 that this module does not read; `isRepackable` where `h5repack` writes a file
  /// without it.
  case unsupported(object: String, offset: Int, what: String, isRepackable: Bool)
  /// A group has no link of this name.
  case missing(object: String, name: String, known: [String])
  /// The object is of another kind: a group where a dataset was wanted, or the reverse.
  case wrongKind(object: String, expected: String, found: String)
  /// The elements are of another type than was asked for.
  case wrongType(object: String, expected: String, found: String)
  /// The object is larger than what can be stored for it.
  case tooLarge(object: String, shape: [Int], reason: String)
  /// What was to be written cannot be.
  case notWritable(object: String, reason: String)
}

extension HDF5Error: CustomStringConvertible {
  /// One sentence that says what was expected and what came.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .inFile(let path, let error): "\(path): \(error)"
    case .notHDF5: "expected an HDF5 file, found no HDF5 signature"
    case .truncated(let expected, let found):
      "expected a whole HDF5 file of \(expected) bytes, found \(found)"
    case .damaged(let object, let offset, let reason):
      "\(quoted(object)): the file is damaged at byte \(offset): \(reason)"
    case .unsupported(let object, let offset, let what, let isRepackable):
      "\(quoted(object)): \(what) (byte \(offset)) is not read"
        + (isRepackable ? "; h5repack -f NONE --low=0 --high=1 writes a file without it" : "")
    case .missing(let object, let name, let known):
      "\(quoted(object)) has no \(quoted(name)); it has \(Self.list(known))"
    case .wrongKind(let object, let expected, let found):
      "expected \(expected) at \(quoted(object)), found \(found)"
    case .wrongType(let object, let expected, let found):
      "expected \(expected) in \(quoted(object)), found \(found)"
    case .tooLarge(let object, let shape, let reason):
      "\(quoted(object)) claims the shape \(abridged(shape)): \(reason)"
    case .notWritable(let object, let reason): "\(quoted(object)) cannot be written: \(reason)"
    }
  }

  /// Up to eight names.
  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "nothing" }
    let shown = names.prefix(8).map(quoted).joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }
}
