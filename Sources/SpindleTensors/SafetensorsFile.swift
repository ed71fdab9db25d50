import SpindleFiles

/// Named tensors and metadata in the safetensors format
/// (https://github.com/huggingface/safetensors).
///
/// Reading is strict: what the format does not allow is an error. A tensor of a type outside
/// `ScalarType` is an error only where it is asked for. Names that differ in Unicode's normalization only count as the same, as they do
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

  /// Those of a file that are of types outside `ScalarType`: they cannot be used, and are not
  /// written again.
  public let unread: [UnreadTensor]

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
    unread = []
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
    var tensors: [Tensor] = []
    var unread: [UnreadTensor] = []
    var index: [String: Int] = [:]
    for entry in header.entries {
      guard let type = entry.type else {
        unread.append(UnreadTensor(name: entry.name, type: entry.typeName, shape: entry.shape))
        continue
      }
      let range = (header.dataStart + entry.begin)..<(header.dataStart + entry.end)
      index[entry.name] = tensors.count
      tensors.append(
        Tensor(name: entry.name, type: type, shape: entry.shape, bytes: Array(bytes[range])))
    }
    // The reader of the header refuses a name that comes twice.
    self.tensors = tensors
    self.unread = unread
    self.metadata = header.metadata
    self.index = index
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
  /// - Throws: `missingTensor`, or `unknownType` where its type is not read.
  public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
    if let tensor = self[name] { return tensor }
    if let tensor = unread.first(where: { $0.name == name }) {
      throw .unknownType(tensor: name, found: tensor.type)
    }
    throw .missingTensor(name)
  }
}

extension SafetensorsFile {
  /// A tensor of a type that is not read.
  public struct UnreadTensor: Sendable, Equatable {
    /// The name in the file.
    public let name: String
    /// As the file spells it.
    public let type: String
    /// The dimensions, the slowest first.
    public let shape: [Int]
  }
}
