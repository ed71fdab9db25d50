import Spindle

extension CaseFile {
  /// The case as the C engine takes it.
  ///
  /// - Throws: `engine`, where the engine cannot have the memory or refuses a number.
  public func network() throws(CaseError) -> Network {
    do throws(SpindleError) {
      var network = try Network(description.withoutBeginnings)
      for parameter in parameters {
        guard let values = values(of: parameter) else { continue }
        try network.set(parameter.name, to: values)
      }
      return network
    } catch {
      throw .engine(error)
    }
  }

  /// The input as the C engine takes it: spikes where all numbers are 0 or 1.
  func engineInput() throws(SpindleError) -> Input {
    try Input(input, batch: batch, steps: steps, units: description.inputs)
  }

  /// The target as the C engine takes it.
  func engineTarget() throws(SpindleError) -> Target {
    guard loss.hasClasses else {
      let shape = contents["target"]?.shape ?? []
      return .values(try Tensor(shape: shape, values: values("target") ?? []))
    }
    return .classes(classes.map { Int32(truncatingIfNeeded: $0) })
  }

  /// The classes [B]; empty where the target is of numbers.
  var classes: [Int] { (try? contents["target"]?.integers()) ?? [] }
}
