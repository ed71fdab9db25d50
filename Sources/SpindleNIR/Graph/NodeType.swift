import SpindleJSON

/// The types of nodes that Spindle runs, and the parameters that each has.
enum NodeType: String, CaseIterable {
  case input = "Input"
  case output = "Output"
  case linear = "Linear"
  case affine = "Affine"
  case scale = "Scale"
  case threshold = "Threshold"
  case delay = "Delay"
  case flatten = "Flatten"
  case lif = "LIF"
  case cubaLIF = "CubaLIF"
  case li = "LI"
  case cubaLI = "CubaLI"
  case integrateAndFire = "IF"
  case integrator = "I"

  /// Types of NIR that are not run.
  static let others = ["Conv1d", "Conv2d", "SumPool2d", "AvgPool2d"]

  /// Parameters that a node must have, and those that it may have.
  var keys: (required: [String], optional: [String]) {
    switch self {
    case .input, .output: (["shape"], [])
    case .linear: (["weight"], [])
    case .affine: (["weight", "bias"], [])
    case .scale: (["scale"], [])
    case .threshold: (["threshold"], [])
    case .delay: (["delay"], [])
    case .flatten: ([], ["start_dim", "end_dim", "input_type"])
    case .lif: (["tau", "r", "v_leak", "v_threshold"], ["v_reset"])
    case .cubaLIF: (["tau_syn", "tau_mem", "r", "v_leak", "v_threshold"], ["w_in", "v_reset"])
    case .li: (["tau", "r", "v_leak"], [])
    case .cubaLI: (["tau_syn", "tau_mem", "r", "v_leak"], ["w_in"])
    case .integrateAndFire: (["r", "v_threshold"], ["v_reset"])
    case .integrator: (["r"], [])
    }
  }

  /// Whether it has a membrane.
  var isNeuron: Bool {
    switch self {
    case .lif, .cubaLIF, .li, .cubaLI, .integrateAndFire, .integrator: true
    case .input, .output, .linear, .affine, .scale, .threshold, .delay, .flatten: false
    }
  }

  /// Whether it has a membrane and no threshold.
  var isIntegrator: Bool { self == .li || self == .cubaLI || self == .integrator }

  /// The type of a node, whose parameters are those of the type.
  init(of node: NIRNode, name: String) throws(NIRError) {
    guard let type = NodeType(rawValue: node.type) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      let kind = Self.others.contains(node.type) ? "not supported" : "unknown"
      throw .node(
        name,
        reason: "it is of the type \(quoted(node.type)), which is \(kind); Spindle has \(known)"
      )
    }
    let (required, optional) = type.keys
    for key in required where node.parameters[key] == nil {
      throw .node(name, reason: "it lacks \(key), which every \(node.type) has")
    }
    let unknown = node.parameters.keys.filter { !required.contains($0) && !optional.contains($0) }
    if let key = unknown.min() {
      throw .node(name, reason: "it has \(quoted(key)), which no \(node.type) has")
    }
    self = type
  }
}
