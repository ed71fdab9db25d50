import SpindleFiles
import SpindleJSON
import SpindleTensors

extension Checkpoint {
  /// The key of the JSON text in the metadata.
  static let metadataKey = "spindle.checkpoint"
  /// The caller's configuration, by itself: any text stays as it is.
  private static let configurationKey = "spindle.configuration"
  /// 16 hexadecimal digits.
  private static let checksumKey = "spindle.checksum"

  /// Writes the file whole or not at all: a process killed at any moment leaves the old file or the
  /// new one.
  ///
  /// - Throws: `file` where the system refuses; `invalidFile` for one read from a file of version 1,
  ///   which does not know its network: a run that goes on from it does.
  public func write(to path: String) throws(SpindleError) {
    guard network != nil else {
      throw .invalidFile(path: path, .notNetwork("a checkpoint of version 1 does not describe one"))
    }
    try rethrowing(try file().write(to: path)) { .file($0.description) }
  }

  /// Reads a checkpoint, of whatever network.
  ///
  /// - Throws: `file` where the system refuses, `invalidFile` for a file that is no checkpoint, of
  ///   a newer format, or damaged: cut off, changed in any byte that matters, or incomplete.
  public init(contentsOf path: String) throws(SpindleError) {
    let bytes = try rethrowing(try readFile(path)) { SpindleError.file($0.description) }
    self = try rethrowing(try Checkpoint(bytes: bytes)) { .invalidFile(path: path, $0) }
  }

  /// Reads the content of a file.
  init(bytes: [UInt8]) throws(FileFault) {
    let file: SafetensorsFile
    do throws(SafetensorsError) {
      file = try SafetensorsFile(bytes: bytes)
    } catch {
      switch error {
      // Without a safetensors header it is of another kind; with one, something happened to it.
      case .fileTooShort, .headerTooLong, .headerNotObject: throw .notCheckpoint(error.description)
      default: throw .damaged(error.description)
      }
    }
    try self.init(file)
  }

  func file() throws(SafetensorsError) -> SafetensorsFile {
    var tensors = try values.tensors(of: parameters)
    for array in optimizer.arrays {
      tensors += try array.values.tensors(of: parameters, prefix: "optimizer.\(array.name).")
    }
    if let best {
      tensors += try best.values.tensors(of: parameters, prefix: Self.bestPrefix)
    }
    let text = json.text
    let checksum = Self.checksum(tensors, text, configuration)
    return try SafetensorsFile(
      tensors,
      metadata: [
        Self.metadataKey: text, Self.configurationKey: configuration, Self.checksumKey: checksum,
      ])
  }

  /// Reads what a file holds.
  init(_ file: SafetensorsFile) throws(FileFault) {
    guard let text = file.metadata[Self.metadataKey] else {
      throw .notCheckpoint("the metadata have no \"\(Self.metadataKey)\"")
    }
    let (description, version) = try Self.description(text)
    guard let configuration = file.metadata[Self.configurationKey],
      let checksum = file.metadata[Self.checksumKey]
    else { throw .damaged("its configuration or checksum is missing") }
    let found = Self.checksum(file.tensors, text, configuration)
    guard found == checksum else {
      throw .damaged("its checksum should be \(quoted(checksum)) and is \"\(found)\"")
    }
    self = try rethrowing(
      try Checkpoint(description, version: version, configuration: configuration)
    ) { .damaged($0.description) }
    var reader = TensorReader(
      file: file, names: parameters.map { version == 1 ? $0.version1Name : $0.name },
      shapes: parameters.map(\.shape))
    values = try reader.values("")
    for index in optimizer.arrays.indices {
      optimizer.arrays[index].values = try reader.values(
        "optimizer.\(optimizer.arrays[index].name).")
    }
    if best != nil { best?.values = try reader.values(Self.bestPrefix) }
    try reader.finish()
  }

  private static let bestPrefix = "best."

  /// Of all that the file says, in an order that does not depend on the file's.
  static func checksum(
    _ tensors: [SafetensorsFile.Tensor], _ text: String, _ configuration: String
  ) -> String {
    var checksum = Checksum()
    checksum.add(text)
    checksum.add(configuration)
    for tensor in tensors.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      checksum.add(tensor.name)
      checksum.add("\(tensor.type.rawValue) \(tensor.shape)")
      checksum.add(tensor.bytes)
    }
    let digits = String(checksum.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// Takes the tensors out of a file, and notices those that nothing asked for.
private struct TensorReader {
  let file: SafetensorsFile
  /// Of the parameters, as the file has them.
  let names: [String]
  let shapes: [[Int]]
  private var taken = 0

  init(file: SafetensorsFile, names: [String], shapes: [[Int]]) {
    self.file = file
    self.names = names
    self.shapes = shapes
  }

  /// The parameters' tensors with a prefix, one after the other.
  mutating func values(_ prefix: String) throws(FileFault) -> [Float] {
    var values: [Float] = []
    for (name, shape) in zip(names, shapes) {
      guard let tensor = file[prefix + name] else {
        throw .damaged("the tensor \(quoted(prefix + name)) is missing")
      }
      guard tensor.type == .f32, tensor.shape == shape else {
        throw .damaged(
          "the tensor \(quoted(prefix + name)) should be F32 of shape \(abridged(shape)) and is "
            + "\(tensor.type.rawValue) of shape \(abridged(tensor.shape))")
      }
      values += tensor.floats()
      taken += 1
    }
    return values
  }

  func finish() throws(FileFault) {
    guard taken == file.tensors.count else {
      throw .damaged("it holds \(file.tensors.count) tensors where \(taken) belong to it")
    }
  }
}
