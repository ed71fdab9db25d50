extension IntegerNetwork {
  /// The integers of a network whose layers have a grid (`Hardware.quantization`), on a chip without
  /// mismatch.
  ///
  /// - Parameters:
  ///   - network: the network; without adaptation, refractory periods and delayed resets, which
  ///     this format does not have.
  ///   - stateBits: bits of a potential, 8 to 32.
  ///   - fractionBits: F, from 0 on; 8 make spikes that hardly differ from the network's own.
  /// - Throws: `invalidNetwork` where a layer has no grid or an option that cannot be exported,
  ///   `invalidValue` where a threshold does not fit the bits of a potential.
  public init(
    _ network: Network, stateBits: Int = 24, fractionBits: Int = 8
  ) throws(SpindleError) {
    let possible = Self.possibleStateBits
    try require(
      possible.contains(stateBits), "the bits of a potential",
      "from \(possible.lowerBound) to \(possible.upperBound)", stateBits)
    try require(
      (0..<stateBits).contains(fractionBits), "the fraction bits", "from 0 to \(stateBits - 1)",
      fractionBits)
    try network.description.checkExportable()
    for (index, layer) in network.layers.enumerated() where layer.hardware.quantization == nil {
      throw .invalidNetwork(
        "layers[\(index)].hardware.quantize: integers need a grid of the weights, and there is none"
      )
    }
    for (index, layer) in network.layers.enumerated() {
      let sources = network.description.inputs(of: index) + layer.neurons.count
      try require(
        IntegerLayer.sumsFit(
          sources: sources, bits: layer.hardware.quantization?.bits ?? 0,
          fractionBits: fractionBits), "the fraction bits",
        "so few that sums of \(sources) weights fit 63 bits", fractionBits)
    }
    let (effective, steps) = try network.gridded()
    var layers: [IntegerLayer] = []
    for index in network.layers.indices {
      layers.append(
        try IntegerLayer(
          effective, index, steps[index],
          IntegerUnits(fractionBits: fractionBits, limit: 1 << (stateBits - 1) - 1)))
    }
    self.init(
      timeStep: network.description.timeStep, inputs: network.inputs, stateBits: stateBits,
      fractionBits: fractionBits, layers: layers)
  }
}

/// What potentials are counted in.
struct IntegerUnits {
  let fractionBits: Int
  let limit: Int

  /// A potential of the network in units, rounded to nearest.
  func count(_ value: Double, step: Float, _ place: String) throws(SpindleError) -> Int {
    let units = (value / Double(step) * Double(1 << fractionBits)).rounded(.toNearestOrEven)
    try require(
      units.magnitude <= Double(limit), place,
      "within the bits of a potential, which hold \(limit) units: fewer fraction bits, or more bits "
        + "of a potential", "\(units) units")
    return Int(units)
  }
}

extension IntegerLayer {
  /// A layer of a network whose weights lie on grids of these steps [N].
  fileprivate init(
    _ network: Network, _ index: Int, _ steps: [Float], _ units: IntegerUnits
  ) throws(SpindleError) {
    let layer = network.layers[index]
    let count = layer.neurons.count
    let timeStep = Double(Float(network.description.timeStep))
    func values(_ role: Role) throws(SpindleError) -> [Float] {
      guard layer.beginning(of: role) != nil else { return [] }
      return Array(network.values[try network.parameter(layer: index, role: role).range])
    }
    func onGrid(_ role: Role) throws(SpindleError) -> [Int] {
      try values(role).enumerated().map { Int(($1 / steps[$0 % count]).rounded()) }
    }
    func inUnits(_ numbers: [Float], _ what: String) throws(SpindleError) -> [Int] {
      var result: [Int] = []
      for (n, number) in numbers.enumerated() {
        let place = "layers[\(index)].\(what) of neuron \(n)"
        result.append(try units.count(Double(number), step: steps[n], place))
      }
      return result
    }
    func decays(_ role: Role) throws(SpindleError) -> [Int] {
      try values(role).map { tau in
        let decay = Mathematics.exp(-timeStep / Double(tau))
        return min(Int((decay * 65536).rounded(.toNearestOrEven)), 65535)
      }
    }
    inputs = network.description.inputs(of: index)
    neurons = count
    fires = layer.neurons.spiking != nil
    topology = layer.recurrence.topology
    reset = layer.neurons.spiking?.reset ?? .none
    bits = layer.hardware.quantization?.bits ?? 0
    weights = try onGrid(.weight)
    recurrent = try onGrid(.recurrentWeight)
    let biases = try values(.bias)
    bias = biases.isEmpty ? [Int](repeating: 0, count: count) : try inUnits(biases, "bias")
    threshold = try inUnits(try values(.threshold), "threshold").map { max($0, 1) }
    floor = try inUnits(
      layer.hardware.floor.map { [Float](repeating: Float($0), count: count) } ?? [], "floor")
    beta = try decays(.tau)
    alpha = try decays(.synapticTau)
    scale = steps
  }
}

extension NetworkDescription {
  /// Refuses options that exported networks do not have.
  func checkExportable() throws(SpindleError) {
    for (index, layer) in layers.enumerated() {
      guard let spiking = layer.neurons.spiking else { continue }
      let place = "layers[\(index)]"
      guard spiking.adaptation == nil else {
        throw .invalidNetwork("\(place).adaptation: an adaptive threshold cannot be exported")
      }
      guard spiking.refractorySteps == 0 else {
        throw .invalidNetwork("\(place).refractory_steps: a refractory period cannot be exported")
      }
      guard spiking.resetTiming == .immediate else {
        throw .invalidNetwork("\(place).reset_timing: a delayed reset cannot be exported")
      }
    }
  }
}
