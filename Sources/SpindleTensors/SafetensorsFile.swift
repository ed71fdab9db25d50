import SpindleFiles

/// Named tensors and metadata in the safetensors format
/// (https://github.com/huggingface/safetensors).
///
/// Reading is strict: what the format does not allow is an error, and so is a type outside
/// `ScalarType`. Names that differ in Unicode's normalization only count as the same, as they do
/// in Swift's String.
public struct SafetensorsFile: Sendable, Equatable {
  /// The longest header read or written, in bytes: the limit of the reference implementation.
  public static let largestHeader = 100_000_000

  /// The header's key for the metadata, which no tensor may have.
  static let metadataKey = "__metadata__"

  /// The tensors, no two of the same name.
  ///
  /// Those of a file are in the order of its header, those of `init(_:metadata:)` in that given.
  public let tensors: [Tensor]

  /// Free texts by name; empty where the file has none.
  public var metadata: [String: String]

  /// The place of each tensor in `tensors`.
  private let index: [String: Int]

  /// A file of these tensors.
  ///
  /// - Throws: `duplicateTensor`, `reservedName`.
  public init(
    _ tensors: [Tensor], metadata: [String: String] = [:]
  ) throws(SafetensorsError) {
    var index: [String: Int] = [:]
    for (place, tensor) in tensors.enumerated() {
      guard tensor.name != Self.metadataKey else { throw .reservedName }
      guard index.updateValue(place, forKey: tensor.name) == nil else {
        throw .duplicateTensor(tensor.name)
      }
    }
    self.tensors = tensors
    self.metadata = metadata
    self.index = index
  }

  /// Reads the content of a file.
  ///
  /// O(n log n) in the number of tensors, O(n) in the bytes.
  ///
  /// - Throws: the case of `SafetensorsError` for the first fault found.
  public init(bytes: [UInt8]) throws(SafetensorsError) {
    let header = try Header(of: bytes)
    try header.checkLayout(dataByteCount: bytes.count - header.dataStart)
    let tensors = header.entries.map { entry in
      let range = (header.dataStart + entry.begin)..<(header.dataStart + entry.end)
      return Tensor(
        name: entry.name, type: entry.type, shape: entry.shape, bytes: Array(bytes[range]))
    }
    try self.init(tensors, metadata: header.metadata)
  }

  /// Reads the regular file at `path`, which has to fit in memory twice.
  ///
  /// - Throws: `file` if it cannot be read, else `inFile` with the path and the fault found.
  public init(contentsOf path: String) throws(SafetensorsError) {
    let bytes = try rethrowing(try readFile(path), as: SafetensorsError.file)
    self = try rethrowing(try SafetensorsFile(bytes: bytes)) { (error: SafetensorsError) in
      SafetensorsError.inFile(path: path, error)
    }
  }

  /// The tensor of this name, or nil; O(1).
  public subscript(name: String) -> Tensor? { index[name].map { tensors[$0] } }

  /// The tensor of this name; O(1).
  ///
  /// - Throws: `missingTensor`.
  public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
    guard let tensor = self[name] else { throw .missingTensor(name) }
    return tensor
  }
}
