import Spindle
import SpindleTensors

/// The tensors that a description allows and asks for, and the check of a file's against them.
struct CaseLayout {
  let text: CaseText
  let parameters: [Parameter]
  let contents: SafetensorsFile

  /// Requires every tensor that must be there, of the right type and shape and with numbers that
  /// can be computed with; returns B and T.
  func checkTensors() throws(CaseError) -> (batch: Int, steps: Int) {
    let (batch, steps) = try checkInput()
    try checkTraceSize(batch: batch, steps: steps)
    for parameter in parameters { try check(parameter) }
    try checkTarget(batch: batch, steps: steps)
    return (batch, steps)
  }

  /// Requires that what is expected is of the type and shape of a result, and that there is nothing
  /// else.
  func checkExpectations(of results: [CaseTensor]) throws(CaseError) {
    var known = ["input", "target"] + parameters.map(text.version.name)
    for result in results {
      let name = "expected.\(result.name)"
      known.append(name)
      guard let tensor = contents[name] else { continue }
      try require(tensor, .f32, result.shape)
    }
    // A set, since a hostile file may have a million tensors and as many layers.
    let allowed = Set(known)
    for tensor in contents.tensors where !allowed.contains(tensor.name) {
      throw .unknownTensor(name: tensor.name, allowed: known)
    }
  }

  private func checkInput() throws(CaseError) -> (batch: Int, steps: Int) {
    let shape = "[B, T, \(text.network.inputs)] with B and T from 1 to \(Limits.size)"
    guard let input = contents["input"] else { throw .missingTensor(name: "input", shape: shape) }
    try require(input, .f32)
    let sizes = 1...Limits.size
    guard input.shape.count == 3, sizes.contains(input.shape[0]), sizes.contains(input.shape[1]),
      input.shape[2] == text.network.inputs
    else { throw .wrongShape(tensor: "input", expected: shape, found: input.shape) }
    try requireFinite(input)
    return (input.shape[0], input.shape[1])
  }

  private func checkTraceSize(batch: Int, steps: Int) throws(CaseError) {
    var neurons = 0
    var padded = 0
    for layer in text.network.layers {
      neurons += layer.neurons.count
      padded += (layer.neurons.count + 15) / 16 * 16
    }
    let (rows, tooManyRows) = batch.multipliedReportingOverflow(by: steps)
    let (size, overflow) = rows.multipliedReportingOverflow(by: padded)
    guard !tooManyRows, !overflow, size <= CaseFile.largestTrace else {
      throw .tooLarge(batch: batch, steps: steps, neurons: neurons)
    }
  }

  private func check(_ parameter: Parameter) throws(CaseError) {
    let name = text.version.name(of: parameter)
    guard let tensor = contents[name] else {
      guard text.network.layers[parameter.layer].numbers(of: parameter.role) == nil else { return }
      throw .missingTensor(name: name, shape: "\(parameter.shape)")
    }
    try require(tensor, .f32, parameter.shape)
    try requireFinite(tensor)
    if parameter.isPositive { try require(tensor, "numbers above zero") { $0 > 0 } }
  }

  private func checkTarget(batch: Int, steps: Int) throws(CaseError) {
    let neurons = text.network.outputs
    let shape =
      switch text.loss {
      case .meanRateMSE: [steps, neurons]
      case .membraneMSE: [batch, steps, neurons]
      default: [batch]
      }
    guard let target = contents["target"] else {
      throw .missingTensor(name: "target", shape: "\(shape)")
    }
    try require(target, text.loss.wantsClasses ? .i32 : .f32, shape)
    guard text.loss.wantsClasses else { return try requireFinite(target) }
    let classes = (try? target.integers()) ?? []
    for (sample, value) in classes.enumerated() where !(0..<neurons).contains(value) {
      throw .invalidElement(
        tensor: "target", index: [sample], expected: "classes from 0 to \(neurons - 1)",
        found: "\(value)")
    }
  }

  private func require(
    _ tensor: SafetensorsFile.Tensor, _ type: ScalarType, _ shape: [Int]? = nil
  ) throws(CaseError) {
    guard tensor.type == type else {
      throw .wrongType(tensor: tensor.name, expected: type, found: tensor.type)
    }
    guard shape == nil || tensor.shape == shape else {
      throw .wrongShape(
        tensor: tensor.name, expected: "\(shape ?? [])", found: tensor.shape)
    }
  }

  private func requireFinite(_ tensor: SafetensorsFile.Tensor) throws(CaseError) {
    try require(tensor, "finite numbers", \.isFinite)
  }

  private func require(
    _ tensor: SafetensorsFile.Tensor, _ expected: String, _ holds: (Float) -> Bool
  ) throws(CaseError) {
    guard let (index, value) = tensor.floats().enumerated().first(where: { !holds($1) }) else {
      return
    }
    throw .invalidElement(
      tensor: tensor.name, index: tensor.shape.index(index), expected: expected,
      found: "\(value)")
  }
}
