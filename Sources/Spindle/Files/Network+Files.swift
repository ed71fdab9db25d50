import SpindleFiles
import SpindleJSON
import SpindleTensors

extension Network {
  /// Writes a network file: one safetensors file with a float32 tensor for each parameter, named as
  /// it is, as in "0.weight", so that any reader of the format takes them, and the description in
  /// the metadata. On an error an old file at the path stays as it was.
  ///
  /// - Throws: `notFinite` or `invalidValue` for a parameter that no network may have, `file` where
  ///   the system refuses.
  public func save(to path: String) throws(SpindleError) {
    try checkParameters()
    try rethrowing(
      try SafetensorsFile(
        try values.tensors(of: parameters),
        metadata: [NetworkFile.metadataKey: NetworkFile.text(of: description)]
      ).write(to: path)
    ) { (error: SafetensorsError) in SpindleError.file(error.description) }
  }

  /// Builds the network of a network file or of a checkpoint, with its parameters' values.
  ///
  /// - Parameters:
  ///   - path: what `save(to:)` wrote, or a checkpoint of version 2.
  ///   - choice: which parameters of a checkpoint.
  /// - Throws: `file` where the system refuses; `invalidFile` for a file that describes no network,
  ///   such as one of weights alone or of a network that `NetworkDescription.check` refuses, for one
  ///   that is damaged or of a newer format, and for values that a parameter may not have.
  public init(
    contentsOf path: String, _ choice: Checkpoint.Choice = .last
  ) throws(SpindleError) {
    let file = try SafetensorsFile(reading: path)
    self = try rethrowing(
      file.metadata[Checkpoint.metadataKey] != nil
        ? try Network(try Checkpoint(file), choice) : try Network(file)
    ) { (error: FileFault) in SpindleError.invalidFile(path: path, error) }
  }

  private init(_ file: SafetensorsFile) throws(FileFault) {
    let description = try NetworkFile.description(in: file)
    let parameters = try rethrowing(try description.parameters) { (error: SpindleError) in
      FileFault.notNetwork(error.description)
    }
    self.init(
      description: description, parameters: parameters, values: try file.values(of: parameters))
  }

  private init(_ checkpoint: Checkpoint, _ choice: Checkpoint.Choice) throws(FileFault) {
    guard let description = checkpoint.network else {
      throw .notNetwork(
        "it is a checkpoint of version 1; build the network and restore the checkpoint to it")
    }
    let values = checkpoint.values(choice)
    for parameter in checkpoint.parameters {
      try rethrowing(try parameter.check(values[parameter.range])) { (error: SpindleError) in
        FileFault.badValue(error.description)
      }
    }
    self.init(description: description, parameters: checkpoint.parameters, values: values)
  }

  /// Replaces all parameters by those of a file that `save(to:)` wrote, or any other that holds
  /// float32 tensors of the same names and shapes, or those of version 1. The network may differ
  /// in all else. A file that is refused leaves the network as it was.
  ///
  /// - Throws: `file` where the system refuses, `invalidFile` with what is missing, unexpected, of
  ///   another shape, not finite or damaged.
  public mutating func load(from path: String) throws(SpindleError) {
    let file = try SafetensorsFile(reading: path)
    guard file.metadata[Checkpoint.metadataKey] == nil else {
      throw .invalidFile(path: path, .isCheckpoint)
    }
    values = try rethrowing(try file.values(of: parameters)) { (error: FileFault) in
      SpindleError.invalidFile(path: path, error)
    }
  }
}

/// How a file of safetensors describes a network.
enum NetworkFile {
  /// The key of the JSON text in the metadata. In version 1 it held prose.
  static let metadataKey = "spindle.network"
  static let format = "spindle-network"
  static let version = 2

  /// The network's canonical JSON with the format's name and version.
  static func text(of network: NetworkDescription) -> String {
    guard case .object(var members) = network.json else { return "" }
    members["format"] = .string(format)
    members["version"] = version.json
    return JSONValue.object(members).text
  }

  /// The network that a file describes.
  static func description(in file: SafetensorsFile) throws(FileFault) -> NetworkDescription {
    guard let text = file.metadata[metadataKey], text.hasPrefix("{") else {
      throw .notNetwork("it holds weights alone; build the network and load them into it")
    }
    let object: DescriptionObject
    let found: Int
    do throws(DescriptionError) {
      object = try DescriptionValue(parsing: text, root: root).object()
      _ = try object.value("format").text(allowed: [format])
      found = try object.value("version").integer(version...Int(1 << 53))
    } catch {
      throw .notNetwork(error.description)
    }
    guard found == version, case .object(let members) = object.json else {
      throw .newerVersion(found: found, known: version)
    }
    let network = members.filter { $0.key != "format" && $0.key != "version" }
    return try rethrowing(
      try NetworkDescription(DescriptionValue(.object(network), root: root))
    ) { (error: DescriptionError) in FileFault.notNetwork(error.description) }
  }

  private static let root = "its network"
}

extension [Float] {
  /// Tensors named as parameters, after `prefix`, of an array laid out as they are.
  func tensors(
    of parameters: [Parameter], prefix: String = ""
  ) throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    var tensors: [SafetensorsFile.Tensor] = []
    for parameter in parameters {
      tensors.append(
        try .init(prefix + parameter.name, shape: parameter.shape, Array(self[parameter.range])))
    }
    return tensors
  }
}
