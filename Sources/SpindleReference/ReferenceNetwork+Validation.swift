extension ReferenceNetwork {
  /// Checks the constants, shapes and order of the layers.
  static func validate(
    timeStep: Scalar, layers: [ReferenceLayer<Scalar>]
  ) throws(ReferenceError) {
    try requirePositive(timeStep, "time_step")
    var outputs: Int?
    for (index, layer) in layers.enumerated() {
      let isSynapse = if case .synapse = layer { true } else { false }
      guard isSynapse == index.isMultiple(of: 2) else {
        throw .invalidLayerOrder(
          layer: index, expected: isSynapse ? "a neuron layer" : "a synapse layer")
      }
      switch layer {
      case .synapse(let synapse):
        try validate(synapse, index, inputs: outputs)
        outputs = synapse.outputs
      case .lif(let lif): try validate(lif, index, inputs: outputs ?? 0)
      case .li(let li):
        try validate(
          tau: li.tau, synapticTau: li.synapticTau, neurons: li.neurons, index,
          inputs: outputs ?? 0)
      }
    }
    guard !layers.isEmpty else { throw .invalidLayerOrder(layer: 0, expected: "a synapse layer") }
    guard layers.count.isMultiple(of: 2) else {
      throw .invalidLayerOrder(layer: layers.count, expected: "a neuron layer")
    }
  }

  private static func validate(
    _ synapse: ReferenceSynapse<Scalar>, _ index: Int, inputs: Int?
  ) throws(ReferenceError) {
    try requirePositive(synapse.inputs, "\(index).inputs")
    try requirePositive(synapse.outputs, "\(index).outputs")
    if let inputs, inputs != synapse.inputs {
      throw .shapeMismatch(name: "\(index).inputs", shape: [inputs], count: synapse.inputs)
    }
    try requireShape(synapse.weight, [synapse.inputs, synapse.outputs], "\(index).weight")
    if let bias = synapse.bias { try requireShape(bias, [synapse.outputs], "\(index).bias") }
  }

  private static func validate(
    _ lif: ReferenceLIF<Scalar>, _ index: Int, inputs: Int
  ) throws(ReferenceError) {
    try validate(
      tau: lif.tau, synapticTau: lif.synapticTau, neurons: lif.neurons, index, inputs: inputs)
    try requireShape(lif.threshold, [lif.neurons], "\(index).threshold")
    for value in lif.threshold where !value.isFinite {
      throw .invalidValue(
        name: "\(index).threshold", value: Double(value), requirement: "finite")
    }
    try requirePositive(lif.surrogate.slope, "\(index).surrogate.slope")
    guard (0..<1 << 24).contains(lif.refractorySteps) else {
      throw .invalidValue(
        name: "\(index).refractory_steps", value: Double(lif.refractorySteps),
        requirement: "from 0 to 16777215")
    }
    guard lif.resetTiming == .immediate || lif.reset != .zero || lif.resetGradient == .detached
    else { throw .delayedResetToZero(layer: index) }
    if let adaptation = lif.adaptation {
      try requireShape(adaptation.strength, [lif.neurons], "\(index).adaptation_strength")
      try requireShape(adaptation.tau, [lif.neurons], "\(index).adaptation_tau")
      for value in adaptation.tau { try requirePositive(value, "\(index).adaptation_tau") }
    }
    if let weight = lif.recurrentWeight {
      let shape = lif.isOneToOne ? [lif.neurons] : [lif.neurons, lif.neurons]
      try requireShape(weight, shape, "\(index).recurrent_weight")
    }
  }

  private static func validate(
    tau: [Scalar], synapticTau: [Scalar]?, neurons: Int, _ index: Int, inputs: Int
  ) throws(ReferenceError) {
    try requirePositive(neurons, "\(index).neurons")
    guard neurons == inputs else {
      throw .shapeMismatch(name: "\(index).neurons", shape: [inputs], count: neurons)
    }
    try requireShape(tau, [neurons], "\(index).tau")
    for value in tau { try requirePositive(value, "\(index).tau") }
    guard let synapticTau else { return }
    try requireShape(synapticTau, [neurons], "\(index).synaptic_tau")
    for value in synapticTau { try requirePositive(value, "\(index).synaptic_tau") }
  }

  /// Checks what a run is given.
  func validate(
    input: [Scalar], batch: Int, steps: Int, rule: ReferenceSpikeRule<Scalar>
  ) throws(ReferenceError) {
    try Self.requirePositive(batch, "batch")
    try Self.requirePositive(steps, "steps")
    try Self.requireShape(input, [batch, steps, stages[0].inputs], "input")
    for (index, stage) in stages.enumerated() {
      guard let factors = stage.inputFactors else { continue }
      try Self.requireShape(factors, [batch, stage.inputs], "\(2 * index) input factors")
    }
    let (name, given): (String, [[Scalar]?])
    switch rule {
    case .threshold: return
    case .forced(let spikes): (name, given) = ("forced spikes", spikes)
    case .smooth(let resets): (name, given) = ("resets", resets)
    }
    if case .smooth = rule, given.isEmpty { return }
    guard given.count == stages.count else {
      throw .layerCountMismatch(name: name, expected: stages.count, count: given.count)
    }
    for (index, (stage, values)) in zip(stages, given).enumerated() {
      guard let values else { continue }
      guard stage.parameters.hasSpikes else {
        throw .layerWithoutSpikes(name: name, layer: 2 * index + 1)
      }
      let name = "\(2 * index + 1) \(name)"
      try Self.requireShape(values, [batch, steps, stage.neurons], name)
      guard case .forced = rule else { continue }
      for value in values where value != 0 && value != 1 {
        throw .invalidValue(name: name, value: Double(value), requirement: "0 or 1")
      }
    }
  }

  /// Checks the loss against the last layer.
  func validate(
    loss: ReferenceLoss<Scalar>, batch: Int, steps: Int
  ) throws(ReferenceError) {
    let last = stages[stages.count - 1]
    switch loss {
    case .meanRateMSE, .rateCrossEntropy, .spikeCountMSE, .firingRateMSE, .vanRossum:
      guard last.parameters.hasSpikes else { throw .lossNeedsSpikes(layer: layers.count - 1) }
    case .maxMembraneCrossEntropy, .meanMembraneCrossEntropy, .recallCrossEntropy, .membraneMSE:
      break
    }
    switch loss {
    case .meanRateMSE(let target):
      try Self.requireShape(target, [steps, last.neurons], "target")
    case .membraneMSE(let target):
      try Self.requireShape(target, [batch, steps, last.neurons], "target")
    case .spikeCountMSE(let target), .firingRateMSE(let target):
      try Self.requireShape(target, [batch, last.neurons], "target")
    case .vanRossum(let target, let tau):
      try Self.requireShape(target, [batch, steps, last.neurons], "target")
      try Self.requirePositive(tau, "the loss's tau")
    case .rateCrossEntropy(let labels), .maxMembraneCrossEntropy(let labels),
      .meanMembraneCrossEntropy(let labels), .recallCrossEntropy(let labels, _):
      try Self.requireShape(labels, [batch], "target")
      if case .recallCrossEntropy(_, let first) = loss, !(0..<steps).contains(first) {
        throw .invalidCount(name: "the loss's first step", value: first)
      }
      for (sample, label) in labels.enumerated() where !(0..<last.neurons).contains(label) {
        throw .invalidLabel(sample: sample, label: label, classes: last.neurons)
      }
    }
  }

  private static func requirePositive(_ value: Int, _ name: String) throws(ReferenceError) {
    // Event lists number columns with 32 bits.
    guard value > 0, value <= Int32.max else { throw .invalidCount(name: name, value: value) }
  }

  private static func requirePositive(_ value: Scalar, _ name: String) throws(ReferenceError) {
    guard value > 0, value.isFinite else {
      throw .invalidValue(name: name, value: Double(value), requirement: "finite and positive")
    }
  }

  private static func requireShape<Element>(
    _ tensor: [Element], _ shape: [Int], _ name: String
  ) throws(ReferenceError) {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      count = overflow ? -1 : product
      if overflow { break }
    }
    guard tensor.count == count else {
      throw .shapeMismatch(name: name, shape: shape, count: tensor.count)
    }
  }
}
