extension CExport {
  /// A network of integers.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - vector: what the program tests.
  public init(_ network: IntegerNetwork, testVector vector: IntegerTestVector) {
    var body = """
      /* x q / 2^16, rounded towards zero. */
      static int64_t decayed(int32_t x, uint16_t q) {
        return (int64_t)x * q / 65536;
      }

      /* Within what a potential of \(network.stateBits) bits holds. */
      static int32_t saturated(int64_t x) {
        return x > \(network.limit) ? \(network.limit) : x < -\(network.limit) ? -\(network.limit) : (int32_t)x;
      }


      """
    for (index, layer) in network.layers.enumerated() {
      body += layer.arrays(index) + layer.function(index, fractionBits: network.fractionBits) + "\n"
    }
    var tables = CText.array("uint8_t", "input", integers: vector.input)
    for (index, recording) in vector.expected.enumerated() {
      tables += CText.array("uint8_t", "expected_spikes_\(index)", integers: recording.spikes)
      tables += CText.array("int32_t", "expected_membrane_\(index)", integers: recording.membrane)
    }
    self.init(
      Parts(
        summary: "A spiking network of integers (spindle-integer-1) for steps of "
          + "\(network.timeStep) s. Of layer k, a potential\n   counts in units of its neuron's step "
          + "of the weights / 2^\(network.fractionBits).",
        input: "uint8_t", potential: "int32_t",
        layers: network.layers.map { ($0.neurons, !$0.alpha.isEmpty) }, inputs: network.inputs,
        body: body, includes: ["string.h"], steps: vector.steps, vector: tables))
  }
}

extension IntegerLayer {
  fileprivate func arrays(_ index: Int) -> String {
    let type = CText.weightType(bits: bits)
    var text = CText.array(type, "weights_\(index)", integers: weights)
    if !recurrent.isEmpty { text += CText.array(type, "recurrent_\(index)", integers: recurrent) }
    text += CText.array("int32_t", "bias_\(index)", integers: bias)
    if fires { text += CText.array("int32_t", "threshold_\(index)", integers: threshold) }
    if !floor.isEmpty { text += CText.array("int32_t", "floor_\(index)", integers: floor) }
    text += CText.array("uint16_t", "beta_\(index)", integers: beta)
    if !alpha.isEmpty { text += CText.array("uint16_t", "alpha_\(index)", integers: alpha) }
    return text
  }

  /// The sum of weights fits 32 bits in every network that a small processor holds.
  private var sumType: String {
    let largest = (inputs + neurons) * (1 << (bits - 1))
    return largest <= Int(Int32.max) ? "int32_t" : "int64_t"
  }

  fileprivate func function(_ index: Int, fractionBits: Int) -> String {
    let k = index
    return """

      static void layer_\(k)(network_state *state, const uint8_t *input) {
        \(sumType) sums[\(neurons)] = {0};
        int i, n;
        for (i = 0; i < \(inputs); i++) {
          if (!input[i]) continue;
          for (n = 0; n < \(neurons); n++) sums[n] += weights_\(k)[i * \(neurons) + n];
        }
      \(recurrence(k))  for (n = 0; n < \(neurons); n++) {
          int64_t current = (int64_t)sums[n] * \(1 << fractionBits) + bias_\(k)[n];
          int32_t potential;
      \(filter(k))    potential = saturated(decayed(state->membrane_\(k)[n], beta_\(k)[n]) + current);
      \(spike(k))    state->membrane_\(k)[n] = potential;
        }
      }

      """
  }

  private func recurrence(_ k: Int) -> String {
    switch topology {
    case .ff: ""
    case .rc:
      """
        for (i = 0; i < \(neurons); i++) {
          if (!state->spikes_\(k)[i]) continue;
          for (n = 0; n < \(neurons); n++) sums[n] += recurrent_\(k)[i * \(neurons) + n];
        }

      """
    case .oneToOne:
      """
        for (n = 0; n < \(neurons); n++)
          if (state->spikes_\(k)[n]) sums[n] += recurrent_\(k)[n];

      """
    }
  }

  private func filter(_ k: Int) -> String {
    guard !alpha.isEmpty else { return "" }
    return """
          current = saturated(decayed(state->filtered_\(k)[n], alpha_\(k)[n]) + current);
          state->filtered_\(k)[n] = (int32_t)current;

      """
  }

  private func spike(_ k: Int) -> String {
    guard fires else { return "" }
    let left =
      switch reset {
      case .subtraction: "potential - threshold_\(k)[n]"
      case .zero: "0"
      case .none: "potential"
      }
    var text = "    state->spikes_\(k)[n] = potential > threshold_\(k)[n];\n"
    if reset != .none {
      text += "    if (state->spikes_\(k)[n]) potential = \(left);\n"
    }
    if !floor.isEmpty {
      text += "    if (potential < floor_\(k)[n]) potential = floor_\(k)[n];\n"
    }
    return text
  }
}
