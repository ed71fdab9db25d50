import SpindleJSON
import SpindleTensors

extension Network {
  /// Writes the parameters, and nothing else, to a safetensors file: float32 tensors named as the
  /// parameters are, as in "0.weight", so that any reader of the format takes them. On an error an
  /// old file at the path stays as it was.
  ///
  /// - Throws: `notFinite` or `invalidValue` for a parameter that no network may have, `file` where
  ///   the system refuses.
  public func save(to path: String) throws(SpindleError) {
    try checkParameters()
    do throws(SafetensorsError) {
      try SafetensorsFile(
        try tensors(of: values), metadata: [Self.fileKey: summary.joined(separator: "\n")]
      ).write(to: path)
    } catch {
      throw .file(error.description)
    }
  }

  /// Replaces all parameters by those of a file that `save(to:)` wrote, or any other that holds
  /// float32 tensors of the same names and shapes. A file that is refused leaves the network as it
  /// was.
  ///
  /// - Throws: `file` where the system refuses, `invalidFile` with what is missing, unexpected, of
  ///   another shape, not finite or damaged.
  public mutating func load(from path: String) throws(SpindleError) {
    let file = try SafetensorsFile(reading: path)
    do throws(FileFault) {
      guard file.metadata[Checkpoint.metadataKey] == nil else { throw .isCheckpoint }
      values = try file.values(of: parameters)
    } catch {
      throw .invalidFile(path: path, error)
    }
  }

  /// Which network the weights belong to, for people.
  private static let fileKey = "spindle.network"

  /// Tensors named as the parameters, after `prefix`, of an array laid out as they are.
  func tensors(
    of values: [Float], prefix: String = ""
  ) throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    var tensors: [SafetensorsFile.Tensor] = []
    for parameter in parameters {
      tensors.append(
        try .init(
          prefix + parameter.name, shape: parameter.shape, Array(values[parameter.range])))
    }
    return tensors
  }
}

extension SafetensorsFile {
  /// Reads a file; the library's error for what is wrong with it.
  init(reading path: String) throws(SpindleError) {
    do throws(SafetensorsError) {
      try self.init(contentsOf: path)
    } catch {
      switch error {
      case .inFile(_, let reason):
        throw .invalidFile(path: path, .damaged(reason.description))
      default: throw .file(error.description)
      }
    }
  }

  /// The values of exactly these parameters, in their order.
  func values(of parameters: [Network.Parameter]) throws(FileFault) -> [Float] {
    let known = Set(parameters.map(\.name))
    let missing = parameters.map(\.name).filter { self[$0] == nil }
    let unexpected = tensors.map(\.name).filter { !known.contains($0) }
    let differing = parameters.compactMap { parameter -> String? in
      guard let tensor = self[parameter.name],
        tensor.shape != parameter.shape || tensor.type != .f32
      else { return nil }
      return "\(quoted(parameter.name)) must be F32 of shape \(parameter.shape), "
        + "got \(tensor.type.rawValue) of shape \(abridged(tensor.shape))"
    }
    guard missing.isEmpty, unexpected.isEmpty, differing.isEmpty else {
      throw .otherTensors(missing: missing, unexpected: unexpected, differing: differing)
    }
    var values: [Float] = []
    values.reserveCapacity(parameters.reduce(0) { $0 + $1.range.count })
    for parameter in parameters {
      let part = self[parameter.name]?.floats() ?? []
      do throws(SpindleError) {
        try parameter.check(part[...])
      } catch {
        throw .badValue(error.description)
      }
      values += part
    }
    return values
  }
}
