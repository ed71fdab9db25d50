import SpindleFiles
import SpindleJSON
import SpindleTensors

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
  func values(of parameters: [Parameter]) throws(FileFault) -> [Float] {
    let isOld = isVersion1
    let names = parameters.map { isOld ? $0.version1Name : $0.name }
    let known = Set(names)
    let missing = names.filter { self[$0] == nil }
    let unexpected = tensors.map(\.name).filter { !known.contains($0) }
    let differing = zip(names, parameters).compactMap { name, parameter -> String? in
      guard let tensor = self[name], tensor.shape != parameter.shape || tensor.type != .f32
      else { return nil }
      return "\(quoted(name)) must be F32 of shape \(parameter.shape), "
        + "got \(tensor.type.rawValue) of shape \(abridged(tensor.shape))"
    }
    guard missing.isEmpty, unexpected.isEmpty, differing.isEmpty else {
      throw .otherTensors(missing: missing, unexpected: unexpected, differing: differing)
    }
    var values: [Float] = []
    values.reserveCapacity(parameters.last?.range.upperBound ?? 0)
    for (name, parameter) in zip(names, parameters) {
      let part = self[name]?.floats() ?? []
      try rethrowing(try parameter.check(part[...])) { (error: SpindleError) in
        FileFault.badValue(error.description)
      }
      values += part
    }
    return values
  }
}
