extension CExport {
  /// A network of floats, on a chip without mismatch: with a processor that rounds as IEEE 754 says,
  /// the bits of a `Stepper`. Numbers too small to be normal count as zero, as they do there.
  ///
  /// - Parameters:
  ///   - network: the network; without adaptation, refractory periods and delayed resets, which an
  ///     exported one does not have.
  ///   - steps: T of the sequence that the program tests, of random spikes and values.
  ///   - seed: what that is drawn from.
  public init(_ network: Network, testSteps steps: Int = 64, seed: UInt64 = 0) throws(SpindleError)
  {
    try Limits.check(steps, "the number of steps")
    try network.description.checkExportable()
    let effective = try network.effective()
    var body = """
      #ifdef __clang__
      #pragma STDC FP_CONTRACT OFF
      #endif

      /* x, or zero where it is too small to be normal. */
      static float flushed(float x) {
        return x < FLT_MIN && x > -FLT_MIN ? 0.0f : x;
      }


      """
    for index in network.layers.indices {
      let layer = try FloatLayer(effective, index)
      body += layer.arrays + layer.function + "\n"
    }
    self.init(
      Parts(
        summary: "A spiking network of floats for steps of \(network.description.timeStep) s.",
        input: "float", potential: "float",
        layers: network.layers.map { ($0.neurons.count, $0.neurons.synapticTau != nil) },
        inputs: network.inputs, body: body, includes: ["float.h", "math.h", "string.h"],
        steps: steps, vector: try Self.vector(network, steps, seed)))
  }

  /// Random spikes and, in every other step, values, with what the network makes of them.
  private static func vector(
    _ network: Network, _ steps: Int, _ seed: UInt64
  ) throws(SpindleError) -> String {
    var random = RandomStream(seed: seed, stream: 7 << 32)
    let count = network.inputs * steps
    let draws = try random.uniform(low: 0, high: 1, count: 2 * count)
    let input = (0..<count).map { index -> Float in
      guard draws[index] < 0.25 else { return 0 }
      return index / network.inputs % 2 == 0 ? 1 : 2 * draws[count + index] - 1
    }
    let signal = Input.signal(try Signal(input, batch: 1, steps: steps, units: network.inputs))
    var tables = CText.array("input", floats: input)
    for index in network.layers.indices {
      let recording = try network.run(signal, recording: index)
      tables += CText.array(
        "uint8_t", "expected_spikes_\(index)", integers: recording.spikes.values.map { Int($0) })
      tables += CText.array("expected_membrane_\(index)", floats: recording.membrane.values)
    }
    return tables
  }
}

/// A layer as C text.
private struct FloatLayer {
  let index, inputs, neurons: Int
  let layer: Layer
  let weights, recurrent, bias, threshold, beta, alpha: [Float]

  init(_ network: Network, _ index: Int) throws(SpindleError) {
    let layer = network.layers[index]
    func values(_ role: Role) throws(SpindleError) -> [Float] {
      guard layer.beginning(of: role) != nil else { return [] }
      return Array(network.values[try network.parameter(layer: index, role: role).range])
    }
    let timeStep = Double(Float(network.description.timeStep))
    func decays(_ role: Role) throws(SpindleError) -> [Float] {
      try values(role).map { Float(Mathematics.exp(-timeStep / Double($0))) }
    }
    (self.index, self.layer) = (index, layer)
    inputs = network.description.inputs(of: index)
    neurons = layer.neurons.count
    weights = try values(.weight)
    recurrent = try values(.recurrentWeight)
    bias = try values(.bias)
    threshold = try values(.threshold)
    beta = try decays(.tau)
    alpha = try decays(.synapticTau)
  }

  var arrays: String {
    var text = CText.array("weights_\(index)", floats: weights)
    for (name, values) in [
      ("recurrent", recurrent), ("bias", bias), ("threshold", threshold), ("beta", beta),
      ("alpha", alpha),
    ] where !values.isEmpty {
      text += CText.array("\(name)_\(index)", floats: values)
    }
    return text
  }

  /// Sums run over the sources in their order; each product and sum is rounded by itself, but for
  /// those of analog values, which are fused as the engine fuses them.
  var function: String {
    let k = index
    return """

      static void layer_\(k)(network_state *state, const \(k == 0 ? "float" : "uint8_t") *input) {
        float sums[\(neurons)] = {0}\(recurrent.isEmpty ? "" : ", back[\(neurons)] = {0}");
        int i, n;
        for (i = 0; i < \(inputs); i++) {
      \(adding)  }
      \(recurrence)  for (n = 0; n < \(neurons); n++) {
          float current = sums[n], potential;
      \(current)    potential = flushed(beta_\(k)[n] * state->membrane_\(k)[n]);
          potential = flushed(potential + current);
      \(spike)    state->membrane_\(k)[n] = potential;
        }
      }

      """
  }

  private var adding: String {
    let k = index
    let spikes = """
          if (!input[i]) continue;
          for (n = 0; n < \(neurons); n++) sums[n] = flushed(sums[n] + weights_\(k)[i * \(neurons) + n]);

      """
    guard k == 0 else { return spikes }
    return """
          float x = flushed(input[i]);
          if (x == 0.0f) continue;
          if (x == 1.0f)
            for (n = 0; n < \(neurons); n++) sums[n] = flushed(sums[n] + weights_\(k)[i * \(neurons) + n]);
          else
            for (n = 0; n < \(neurons); n++)
              sums[n] = flushed(fmaf(x, weights_\(k)[i * \(neurons) + n], sums[n]));

      """
  }

  private var recurrence: String {
    let k = index
    switch layer.recurrence.topology {
    case .ff: return ""
    case .rc:
      return """
          for (i = 0; i < \(neurons); i++) {
            if (!state->spikes_\(k)[i]) continue;
            for (n = 0; n < \(neurons); n++)
              back[n] = flushed(back[n] + recurrent_\(k)[i * \(neurons) + n]);
          }

        """
    case .oneToOne:
      return """
          for (n = 0; n < \(neurons); n++)
            if (state->spikes_\(k)[n]) back[n] = recurrent_\(k)[n];

        """
    }
  }

  private var current: String {
    let k = index
    var text = ""
    if !bias.isEmpty { text += "    current = flushed(current + bias_\(k)[n]);\n" }
    if !recurrent.isEmpty { text += "    current = flushed(current + back[n]);\n" }
    guard !alpha.isEmpty else { return text }
    return text + """
          state->filtered_\(k)[n] = flushed(alpha_\(k)[n] * state->filtered_\(k)[n]);
          current = flushed(state->filtered_\(k)[n] + current);
          state->filtered_\(k)[n] = current;

      """
  }

  private var spike: String {
    guard let spiking = layer.neurons.spiking else { return "" }
    let k = index
    let left =
      switch spiking.reset {
      case .subtraction: "flushed(potential - threshold_\(k)[n])"
      case .zero: "0.0f"
      case .none: "potential"
      }
    var text = "    state->spikes_\(k)[n] = potential > threshold_\(k)[n];\n"
    if spiking.reset != .none {
      text += "    if (state->spikes_\(k)[n]) potential = \(left);\n"
    }
    if let floor = layer.hardware.floor {
      let literal = CText.literal(Float(floor))
      text += "    if (potential < \(literal)) potential = \(literal);\n"
    }
    return text
  }
}
