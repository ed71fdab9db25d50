import SpindleTensors

// Version 1 counted a layer's connection and its neurons apart: connection 0, neurons 1, connection
// 2, ... Its files of weights and its checkpoints name parameters so.

extension Parameter {
  /// Its name in files of version 1.
  package var version1Name: String {
    let isOfConnection = role == .weight || role == .bias
    return Self.name(layer: 2 * layer + (isOfConnection ? 0 : 1), role: role)
  }

  /// The parameter of a name of version 1, not known to be learned; nil for no such name.
  init?(version1Name name: String, shape: [Int], range: Range<Int>) {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let number = Int(parts[0]), number >= 0,
      let role = Role(rawValue: parts[1])
    else { return nil }
    self.init(layer: number / 2, role: role, shape: shape, isLearned: false, range: range)
    guard version1Name == name else { return nil }
  }
}

extension SafetensorsFile {
  /// Whether weights are named as in version 1: the first layer's time constant, which every network
  /// has, was that of number 1.
  var isVersion1: Bool {
    self["1.tau"] != nil
      && tensors.allSatisfy { Parameter(version1Name: $0.name, shape: [], range: 0..<0) != nil }
  }
}
