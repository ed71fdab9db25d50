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
    var table = HistoryTable()
    try write(to: path, history: &table)
  }

  /// The same with the table of the last time, of which only what is new is encoded.
  func write(to path: String, history table: inout HistoryTable) throws(SpindleError) {
    guard network != nil else {
      throw .invalidFile(path: path, .notNetwork("a checkpoint of version 1 does not describe one"))
    }
    table.update(history)
    do throws(SafetensorsError) {
      try file(table).write(to: path)
    } catch {
      throw .file(error.description)
    }
  }

  /// Reads a checkpoint, of whatever network.
  ///
  /// - Throws: `file` where the system refuses, `invalidFile` for a file that is no checkpoint, of
  ///   a newer format, or damaged: cut off, changed in any byte that matters, or incomplete.
  public init(contentsOf path: String) throws(SpindleError) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(path) } catch { throw .file(error.description) }
    do throws(FileFault) {
      try self.init(bytes: bytes)
    } catch {
      throw .invalidFile(path: path, error)
    }
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
    var table = HistoryTable()
    table.update(history)
    return try file(table)
  }

  private func file(_ table: HistoryTable) throws(SafetensorsError) -> SafetensorsFile {
    var tensors = try values.tensors(of: parameters)
    for array in optimizer.arrays {
      tensors += try array.values.tensors(of: parameters, prefix: "optimizer.\(array.name).")
    }
    if let best {
      tensors += try best.values.tensors(of: parameters, prefix: Self.bestPrefix)
    }
    tensors += try table.tensors()
    let text = json(history: HistoryTable.columns(layers: table.layers)).text
    let checksum = Self.checksum(tensors, text, configuration, history: table.checksum)
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
    let found = Self.checksum(
      file.tensors, text, configuration, history: HistoryTable.checksum(of: file.tensors))
    guard found == checksum else {
      throw .damaged("its checksum should be \(quoted(checksum)) and is \"\(found)\"")
    }
    do throws(DescriptionError) {
      try self.init(description, version: version, configuration: configuration)
    } catch {
      throw .damaged(error.description)
    }
    var reader = TensorReader(
      file: file, names: parameters.map { version == 1 ? $0.version1Name : $0.name },
      shapes: parameters.map(\.shape))
    values = try reader.values("")
    for index in optimizer.arrays.indices {
      optimizer.arrays[index].values = try reader.values(
        "optimizer.\(optimizer.arrays[index].name).")
    }
    if best != nil { best?.values = try reader.values(Self.bestPrefix) }
    if version > 1 {
      let columns: [String]
      do throws(DescriptionError) {
        columns = try Self.historyColumns(description)
      } catch {
        throw .damaged(error.description)
      }
      history = try reader.history(columns, count: epoch)
    }
    try reader.finish()
  }

  private static let bestPrefix = "best."

  /// Of all that the file says, in an order that does not depend on the file's: first the history's
  /// bytes, whose checksum is kept from one checkpoint to the next, then the rest.
  static func checksum(
    _ tensors: [SafetensorsFile.Tensor], _ text: String, _ configuration: String,
    history: Checksum = Checksum()
  ) -> String {
    var checksum = history
    checksum.add(text)
    checksum.add(configuration)
    for tensor in tensors.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      checksum.add(tensor.name)
      checksum.add("\(tensor.type.rawValue) \(tensor.shape)")
      if !HistoryTable.names.contains(tensor.name) { checksum.add(tensor.bytes) }
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

  /// The records of the history.
  mutating func history(_ columns: [String], count: Int) throws(FileFault) -> [EpochRecord] {
    var tensors: [SafetensorsFile.Tensor] = []
    for name in HistoryTable.names {
      guard let tensor = file[name] else {
        throw .damaged("the tensor \(quoted(name)) is missing")
      }
      tensors.append(tensor)
    }
    taken += tensors.count
    return try HistoryTable.records(
      in: tensors[0], seconds: tensors[1], columns: columns, count: count)
  }

  func finish() throws(FileFault) {
    guard taken == file.tensors.count else {
      throw .damaged("it holds \(file.tensors.count) tensors where \(taken) belong to it")
    }
  }
}
