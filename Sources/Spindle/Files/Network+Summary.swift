extension Network {
  /// What the network computes, in words, but for its parameters' values: a line for the time step
  /// and one for each layer. From the same parameters and input, networks of the same lines compute
  /// the same.
  public var summary: [String] {
    ["time step \(timeStep) s"]
      + layers.enumerated().map { "layer \($0.offset): \($0.element.summary)" }
  }

  /// A sentence for each line in which the summaries differ.
  static func differences(here: [String], there: [String]) -> [String] {
    (0..<max(here.count, there.count)).compactMap { index in
      let pair = [here, there].map { $0.indices.contains(index) ? $0[index] : "nothing" }
      return pair[0] == pair[1] ? nil : "it has \"\(pair[1])\" where this one has \"\(pair[0])\""
    }
  }
}

extension Layer {
  /// Kind, sizes and options, but for how the parameters begin.
  fileprivate var summary: String {
    switch self {
    case .synapse(let synapse): synapse.summary
    case .lif(let lif): lif.summary
    case .li(let li): li.summary
    }
  }
}

extension Synapse {
  fileprivate var summary: String {
    let options: [String?] = [
      "synapse \(inputs) to \(outputs)", bias == nil ? nil : "bias",
      dropout == 0 ? nil : "dropout \(dropout)",
      trainsWeights ? nil : "weights fixed", bias == nil || trainsBias ? nil : "bias fixed",
    ]
    return options.compactMap(\.self).joined(separator: ", ")
  }
}

extension LIF {
  fileprivate var summary: String {
    let form =
      switch topology {
      case .ff: "FF"
      case .rc: "RC"
      case .oneToOne: "one-to-one"
      }
    let options: [String?] = [
      "lif \(neurons), \(form), reset \(reset.rawValue) \(resetGradient.rawValue)",
      resetTiming == .immediate ? nil : "one step later",
      refractorySteps == 0 ? nil : "refractory for \(refractorySteps) steps",
      adaptation == nil ? nil : "adaptive threshold",
      "surrogate \(surrogate.kind.rawValue) of slope \(surrogate.slope)",
      synapticTau == nil ? nil : "synaptic filter",
      learnsTau ? "learns tau" : nil,
      learnsSynapticTau ? "learns synaptic tau" : nil,
      learnsThreshold ? "learns threshold" : nil,
      adaptation?.learnsStrength == true ? "learns adaptation strength" : nil,
      adaptation?.learnsTau == true ? "learns adaptation tau" : nil,
      trainsRecurrentWeights ? nil : "recurrent weights fixed",
    ]
    return options.compactMap(\.self).joined(separator: ", ")
  }
}

extension LI {
  fileprivate var summary: String {
    let options: [String?] = [
      "li \(neurons)", synapticTau == nil ? nil : "synaptic filter",
      learnsTau ? "learns tau" : nil, learnsSynapticTau ? "learns synaptic tau" : nil,
    ]
    return options.compactMap(\.self).joined(separator: ", ")
  }
}
