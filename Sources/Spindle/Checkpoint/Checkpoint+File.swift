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
    try rethrowing(try file(table).write(to: path)) { (error: SafetensorsError) in
      SpindleError.file(error.description)
    }
  }

  /// Reads a checkpoint, of whatever network.
  ///
  /// - Throws: `file` where the system refuses, `invalidFile` for a file that is no checkpoint, of
  ///   a newer format, or damaged: cut off, changed in any byte that matters, or incomplete.
  public init(contentsOf path: String) throws(SpindleError) {
    try checkFile(path, times: 3)
    let bytes = try rethrowing(try readFile(path)) { (error: FileError) in
      SpindleError.file(error.description)
    }
    self = try rethrowing(try Checkpoint(bytes: bytes)) { (error: FileFault) in
      SpindleError.invalidFile(path: path, error)
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
    if let carried {
      tensors.append(try .init(Self.carriedName, shape: [carried.count], carried))
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
    self = try rethrowing(
      try Checkpoint(description, version: version, configuration: configuration)
    ) { (error: DescriptionError) in FileFault.damaged(error.description) }
    let names = parameters.map { version == 1 ? $0.version1Name : $0.name }
    values = try floats("", names, of: file)
    for index in optimizer.arrays.indices {
      optimizer.arrays[index].values = try floats(
        "optimizer.\(optimizer.arrays[index].name).", names, of: file)
    }
    if best != nil {
      let values = try floats(Self.bestPrefix, names, of: file)
      best?.values = values
    }
    var count = names.count * (1 + optimizer.arrays.count + (best == nil ? 0 : 1))
    if let tensor = file[Self.carriedName] {
      guard tensor.type == .f32, tensor.shape.count == 1 else {
        throw .damaged("the tensor \(quoted(Self.carriedName)) should be F32 of one dimension")
      }
      carried = tensor.floats()
      count += 1
    }
    if version > 1 {
      let columns = try rethrowing(try Self.historyColumns(description)) {
        (error: DescriptionError) in FileFault.damaged(error.description)
      }
      history = try HistoryTable.records(of: file, columns: columns, count: epoch)
      count += HistoryTable.names.count
    }
    guard file.tensors.count == count else {
      throw .damaged("it holds \(file.tensors.count) tensors where \(count) belong to it")
    }
  }

  /// The parameters' tensors with a prefix, one after the other; `names` are as the file has them.
  private func floats(
    _ prefix: String, _ names: [String], of file: SafetensorsFile
  ) throws(FileFault) -> [Float] {
    var values: [Float] = []
    for (name, parameter) in zip(names, parameters) {
      guard let tensor = file[prefix + name] else {
        throw .damaged("the tensor \(quoted(prefix + name)) is missing")
      }
      guard tensor.type == .f32, tensor.shape == parameter.shape else {
        throw .damaged(
          "the tensor \(quoted(prefix + name)) should be F32 of shape "
            + "\(abridged(parameter.shape)) and is \(tensor.type.rawValue) of shape "
            + abridged(tensor.shape))
      }
      values += tensor.floats()
    }
    return values
  }

  private static let bestPrefix = "best."
  private static let carriedName = "carried.state"

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
