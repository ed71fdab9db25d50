import CSpindle

/// What dropout draws from: a function of seed and step alone.
struct Dropout {
  let seed: UInt64
  let step: UInt64

  var raw: spindle_dropout { spindle_dropout(seed: seed, step: step) }
}

extension Workspace {
  /// Derives from the parameters what the next forward passes need.
  mutating func load(_ parameters: [Float]) throws(SpindleError) {
    let handle = unsafe handle
    try check(
      unsafe parameters.withUnsafeBufferPointer { unsafe spindle_load(handle, $0.baseAddress) })
  }

  /// Runs all steps with these parameters, on a chip or on one without mismatch, from zero state or
  /// from that of a window. Analog input of a first synapse with dropout is refused where it is drawn.
  mutating func forward(
    _ parameters: [Float], _ input: Input, dropout: Dropout? = nil, on chip: Chip? = nil,
    _ windows: inout WindowMemory?
  ) throws(SpindleError) {
    try checkShape(input)
    if let dropout { try checkDropout(input, dropout) }
    if let chip { try load(parameters, on: chip) } else { try load(parameters) }
    let handle = unsafe handle
    var draw = dropout?.raw ?? spindle_dropout()
    let drops = dropout != nil && dropsAny
    let status = unsafe withUnsafePointer(to: &draw) { draw in
      unsafe windows.withRaw { initial, final, _ in
        unsafe input.withRaw { input in
          var run = unsafe spindle_run()
          unsafe run.initial = initial
          unsafe run.final = final
          if drops { unsafe run.dropout = draw }
          return unsafe spindle_forward(handle, input, &run)
        }
      }
    }
    try check(status)
  }

  /// Refuses analog input of a first synapse with dropout.
  func checkDropout(_ input: Input, _ dropout: Dropout) throws(SpindleError) {
    guard dropsInput, case .signal = input else { return }
    throw .invalidValue(
      what: "the input of a first synapse with dropout", expected: "spikes", got: "analog values")
  }

  /// Takes the steps of an input in inference, with what was loaded: `state` is read before the
  /// first and written after the last. Writes spikes and membranes of the last layer. Allocates
  /// nothing.
  mutating func step(
    _ input: Input, state: inout [Float], spikes: inout [Float], membrane: inout [Float]
  ) throws(SpindleError) {
    var spikes = spikes.mutableSpan
    var membrane = membrane.mutableSpan
    let status = unsafe state.withUnsafeMutableBufferPointer { state in
      var run = unsafe spindle_run()
      unsafe run.initial = UnsafePointer(state.baseAddress)
      unsafe run.final = state.baseAddress
      return unsafe step(input, run, spikes: &spikes, membrane: &membrane)
    }
    try check(status)
  }

  /// The same from the state in which the last step ended, which stays in the workspace; from zero
  /// state where none came before.
  mutating func step(
    _ input: Input, goesOn: Bool, spikes: inout [Float], membrane: inout [Float]
  ) throws(SpindleError) {
    var spikes = spikes.mutableSpan
    var membrane = membrane.mutableSpan
    try step(input, goesOn: goesOn, spikes: &spikes, membrane: &membrane)
  }

  /// The same into buffers of the caller's.
  mutating func step(
    _ input: Input, goesOn: Bool, spikes: inout MutableSpan<Float>,
    membrane: inout MutableSpan<Float>
  ) throws(SpindleError) {
    var run = unsafe spindle_run()
    unsafe run.resume = goesOn
    try check(unsafe step(input, run, spikes: &spikes, membrane: &membrane))
  }

  private mutating func step(
    _ input: Input, _ run: spindle_run, spikes: inout MutableSpan<Float>,
    membrane: inout MutableSpan<Float>
  ) -> spindle_status {
    let handle = unsafe handle
    let last = UInt32(neurons.count - 1)
    var run = unsafe run
    return unsafe input.withRaw(inference: true) { input in
      unsafe spikes.withUnsafeMutableBufferPointer { spikes in
        unsafe membrane.withUnsafeMutableBufferPointer { membrane in
          unsafe withUnsafeTemporaryAllocation(of: spindle_output.self, capacity: 2) { outputs in
            unsafe outputs.initializeElement(
              at: 0, to: .init(layer: last, quantity: SPINDLE_SPIKES, values: spikes.baseAddress))
            unsafe outputs.initializeElement(
              at: 1,
              to: .init(layer: last, quantity: SPINDLE_MEMBRANE, values: membrane.baseAddress))
            unsafe run.outputs = UnsafePointer(outputs.baseAddress)
            unsafe run.output_count = 2
            return unsafe spindle_forward(handle, input, &run)
          }
        }
      }
    }
  }

  /// Runs a whole sequence in inference and records a layer.
  mutating func recordRun(
    _ parameters: [Float], _ input: Input, layer: Int
  ) throws(SpindleError) -> Recording {
    try checkShape(input)
    let shape = [batch, steps, neurons[layer]]
    let count = try shape.volume(of: "a recording")
    try checkMemory(3 * count * MemoryLayout<Float>.size)
    try load(parameters)
    // One after another in one array, so that one call writes all.
    var values = [Float](repeating: 0, count: 3 * count)
    let handle = unsafe handle
    let status = unsafe values.withUnsafeMutableBufferPointer { values in
      let quantities = [SPINDLE_SPIKES, SPINDLE_POTENTIAL, SPINDLE_MEMBRANE]
      let outputs = unsafe quantities.indices.map { index in
        unsafe spindle_output(
          layer: UInt32(layer), quantity: quantities[index],
          values: values.baseAddress.map { unsafe $0 + index * count })
      }
      return unsafe outputs.withUnsafeBufferPointer { outputs in
        unsafe input.withRaw(inference: true) { input in
          var run = unsafe spindle_run()
          unsafe run.outputs = outputs.baseAddress
          unsafe run.output_count = UInt32(outputs.count)
          return unsafe spindle_forward(handle, input, &run)
        }
      }
    }
    try check(status)
    // A sample shows nothing past its end, as in training.
    for (sample, end) in (input.lengths ?? []).enumerated() {
      let first = sample * steps * neurons[layer]
      for part in 0..<3 {
        for place in first + end * neurons[layer]..<first + steps * neurons[layer] {
          values[part * count + place] = 0
        }
      }
    }
    func part(_ index: Int) -> Tensor {
      Tensor(
        uncheckedShape: shape, values: Array(values[index * count..<(index + 1) * count]))
    }
    return Recording(spikes: part(0), potential: part(1), membrane: part(2))
  }

  /// The state of the network before a first step.
  func zeroState(of network: Network) throws(SpindleError) -> NetworkState {
    var width = 0
    let status = unsafe network.withConfiguration(
      batch: 1, steps: steps, purpose: .inference, Execution()
    ) {
      unsafe spindle_state_count($0, &width)
    }
    guard status == SPINDLE_OK, !width.multipliedReportingOverflow(by: batch).overflow else {
      throw .sizeOverflow(what: "the state of \(batch) streams")
    }
    return NetworkState(shape: [batch] + neurons, width: width)
  }
}
