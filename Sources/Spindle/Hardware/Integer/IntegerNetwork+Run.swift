extension IntegerNetwork {
  /// Runs whole sequences from zero state.
  ///
  /// - Parameter input: spikes [B, T, I].
  /// - Returns: what each layer did, from the input to the output.
  /// - Throws: for analog input, and for one of other units.
  public func run(_ input: Input) throws(SpindleError) -> [IntegerRecording] {
    guard case .spikes(let train) = input else {
      throw .invalidValue(
        what: "the input of a network of integers", expected: "spikes", got: "analog values")
    }
    try require(
      train.units == inputs, "the input [B, T, I]", shape: [train.batch, train.steps, inputs],
      input.shape)
    for layer in layers {
      let count = try [train.batch, train.steps, layer.neurons].volume(of: "a recording")
      try checkMemory(count * 5)
    }
    var recorders = layers.map { _ in IntegerRecorder() }
    for b in 0..<train.batch {
      var states = layers.map { IntegerState(neurons: $0.neurons) }
      for t in 0..<train.steps {
        var active = (0..<inputs).filter { train[b, t, $0] }
        for (index, layer) in layers.enumerated() {
          active = layer.step(active, &states[index], fractionBits, limit)
          recorders[index].add(states[index])
        }
      }
    }
    return recorders.map(\.recording)
  }
}

/// What a layer carries from step to step.
struct IntegerState {
  /// v, c and s [N].
  var membrane, filtered: [Int]
  var spikes: [UInt8]
  /// How often something was cut to the limit.
  var saturations = 0

  init(neurons: Int) {
    membrane = [Int](repeating: 0, count: neurons)
    filtered = membrane
    spikes = [UInt8](repeating: 0, count: neurons)
  }

  /// Within plus and minus `limit`.
  mutating func saturate(_ value: Int, _ limit: Int) -> Int {
    guard value.magnitude > limit.magnitude else { return value }
    saturations += 1
    return value < 0 ? -limit : limit
  }
}

/// What a layer did so far.
private struct IntegerRecorder {
  var spikes: [UInt8] = []
  var membrane: [Int32] = []
  var saturations = 0

  mutating func add(_ state: IntegerState) {
    spikes += state.spikes
    membrane += state.membrane.map { Int32($0) }
    saturations += state.saturations
  }

  var recording: IntegerRecording {
    IntegerRecording(spikes: spikes, membrane: membrane, saturations: saturations)
  }
}

extension IntegerLayer {
  /// x q / 2^16, rounded towards zero.
  private func decayed(_ x: Int, _ q: Int) -> Int {
    x < 0 ? -((-x * q) >> 16) : (x * q) >> 16
  }

  /// One step; gives the neurons that fire.
  func step(
    _ active: [Int], _ state: inout IntegerState, _ fractionBits: Int, _ limit: Int
  ) -> [Int] {
    var sums = [Int](repeating: 0, count: neurons)
    for i in active { for n in 0..<neurons { sums[n] += weights[i * neurons + n] } }
    switch topology {
    case .ff: break
    case .rc:
      for m in 0..<neurons where state.spikes[m] != 0 {
        for n in 0..<neurons { sums[n] += recurrent[m * neurons + n] }
      }
    case .oneToOne:
      for n in 0..<neurons where state.spikes[n] != 0 { sums[n] += recurrent[n] }
    }
    state.saturations = 0
    var fired: [Int] = []
    for n in 0..<neurons {
      var current = sums[n] << fractionBits + bias[n]
      if !alpha.isEmpty {
        current = state.saturate(decayed(state.filtered[n], alpha[n]) + current, limit)
        state.filtered[n] = current
      }
      let potential = state.saturate(decayed(state.membrane[n], beta[n]) + current, limit)
      let spikes = fires && potential > threshold[n]
      var membrane = potential
      if spikes {
        fired.append(n)
        switch reset {
        case .subtraction: membrane -= threshold[n]
        case .zero: membrane = 0
        case .none: break
        }
      }
      if !floor.isEmpty { membrane = max(membrane, floor[n]) }
      state.membrane[n] = membrane
      state.spikes[n] = spikes ? 1 : 0
    }
    return fired
  }
}
