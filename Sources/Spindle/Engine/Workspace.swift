import CSpindle

/// Owns the C core's workspace and its memory. Every call checks shapes before C runs.
@safe struct Workspace: ~Copyable {
  /// Samples: of several ranks, this one's.
  let batch: Int
  /// Samples of all ranks, and which of them are this one's.
  let share: Share
  let steps: Int
  let inputs: Int
  /// N of each layer of neurons.
  let neurons: [Int]
  /// Whether the first layer drops inputs in training; whether any does.
  let dropsInput: Bool
  let dropsAny: Bool
  /// Whether losses and readings run the sequence again, and need its input.
  let isSegmented: Bool
  /// To the other ranks; nil for one alone. The core's calls go through it.
  let link: RankLink?
  private let memory: UnsafeMutableRawPointer
  let handle: OpaquePointer

  /// What a workspace is for. In inference it keeps no trace: losses, backward and readings need
  /// training.
  enum Purpose {
    case training
    case inference
  }

  /// Plans a workspace for a network and allocates it, with what a loss needs besides; of several
  /// ranks for this one's share of the batch.
  init(
    _ network: Network, batch: Int, steps: Int, purpose: Purpose = .training, loss: Loss? = nil,
    execution: Execution, link: RankLink? = nil
  ) throws(SpindleError) {
    try Limits.check(batch, "the batch")
    try Limits.check(steps, "the number of steps")
    try execution.check()
    try network.checkLayout(execution.layout)
    let share = try network.share(
      ofBatch: batch, steps: steps, rank: link?.rank ?? 0, ranks: link?.ranks ?? 1, execution)
    let (memory, handle) = try unsafe network.makeWorkspace(
      batch: batch, steps: steps, purpose, loss, execution, link)
    self.link = link
    self.share = share
    self.batch = share.samples.count
    self.steps = steps
    inputs = network.inputs
    neurons = network.neuronCounts
    let layers = network.layers
    dropsInput = layers[0].connection.dropout > 0
    dropsAny = layers.contains { $0.connection.dropout > 0 }
    unsafe self.memory = memory
    unsafe self.handle = handle
    var plan = spindle_plan()
    unsafe spindle_workspace_plan(handle, &plan)
    isSegmented = plan.memory == SPINDLE_MEMORY_SEGMENTS
  }

  deinit { unsafe spindle_free(memory) }

  /// Refuses an input of another shape. Compares without arrays: a training step allocates nothing.
  ///
  /// - Parameters:
  ///   - input: this rank's, or that of all.
  ///   - total: samples of all ranks; nil where the input is this one's.
  func checkShape(_ input: Input, total: Int? = nil) throws(SpindleError) {
    let (got, expected) = total.map { ($0, share.total) } ?? (input.batch, batch)
    try require(
      got == expected && input.steps == steps && input.units == inputs, "the input [B, T, I]",
      shape: [expected, steps, inputs], [got, input.steps, input.units])
  }

  /// As the function of the library, with what the ranks' link has to say.
  func check(_ status: spindle_status) throws(SpindleError) {
    if status == SPINDLE_RANKS_FAILED, let link { throw link.error }
    try Spindle.check(status)
  }

  /// The loss of the last sequence, which had this input.
  mutating func loss(_ input: Input, _ call: LossCall) throws(SpindleError) -> Double {
    var value = 0.0
    let handle = unsafe handle
    let status = unsafe input.withRaw { input in
      _ = unsafe spindle_move_input(handle, input)
      return unsafe call.withRaw { unsafe spindle_loss(handle, $0, &value) }
    }
    try check(status)
    return value
  }

  /// What penalties add to the loss of the last sequence; backward then heeds them.
  mutating func regularize(_ penalties: CorePenalties) throws(SpindleError) -> Double {
    var value = 0.0
    let handle = unsafe handle
    try check(
      unsafe penalties.raw.withUnsafeBufferPointer {
        unsafe spindle_regularize(handle, $0.baseAddress, UInt32($0.count), &value)
      })
    return value
  }

  /// The gradient of every parameter, after forward and the loss of the same input and target.
  mutating func backward(
    _ input: Input, _ call: LossCall, gradients: inout [Float]
  ) throws(SpindleError) {
    let handle = unsafe handle
    let status = unsafe gradients.withUnsafeMutableBufferPointer { gradients in
      unsafe input.withRaw { input in
        unsafe call.withRaw { target in
          unsafe spindle_backward(handle, input, target, gradients.baseAddress, nil)
        }
      }
    }
    try check(status)
  }

  /// What the last sequence left of a layer of neurons: [B, T, N]. Its input is needed where memory
  /// is segments.
  func read(
    _ quantity: spindle_quantity, layer: Int, _ input: Input?
  ) throws(SpindleError) -> Tensor {
    let shape = [batch, steps, neurons[layer]]
    let count = try shape.volume(of: "a recording")
    try checkMemory(count * MemoryLayout<Float>.size)
    let (values, status) = unsafe Self.filled(count, 0 as Float) { values in
      guard let input else { return unsafe spindle_read(handle, UInt32(layer), quantity, values) }
      return unsafe input.withRaw { input in
        _ = unsafe spindle_move_input(handle, input)
        return unsafe spindle_read(handle, UInt32(layer), quantity, values)
      }
    }
    try check(status)
    return Tensor(uncheckedShape: shape, values: values)
  }

  /// Spikes, potential and membrane of a layer of neurons.
  func record(layer: Int, _ input: Input?) throws(SpindleError) -> Recording {
    Recording(
      spikes: try read(SPINDLE_SPIKES, layer: layer, input),
      potential: try read(SPINDLE_POTENTIAL, layer: layer, input),
      membrane: try read(SPINDLE_MEMBRANE, layer: layer, input))
  }

  /// Fraction of a layer's neurons and steps that fired in the last sequence.
  func firingRate(layer: Int) -> Double {
    unsafe spindle_firing_rate(handle, UInt32(layer))
  }

  /// Spikes of each neuron of a layer in the last sequences: [N].
  func spikeCounts(layer: Int) throws(SpindleError) -> [UInt64] {
    let (counts, status) = unsafe Self.filled(neurons[layer], 0 as UInt64) {
      unsafe spindle_spike_counts(handle, UInt32(layer), $0)
    }
    if status != SPINDLE_WRONG_ORDER { try check(status) }
    return counts
  }

  /// The class that each sample's logits named: [B].
  func predictions() throws(SpindleError) -> [Int32] {
    let (classes, status) = unsafe Self.filled(batch, 0 as Int32) {
      unsafe spindle_predictions(handle, $0)
    }
    if status == SPINDLE_WRONG_ORDER { throw .nothingPredicted }
    try check(status)
    return classes
  }

  /// An array that the core fills; zeros where it does not.
  private static func filled<Element>(
    _ count: Int, _ zero: Element, _ fill: (UnsafeMutablePointer<Element>?) -> spindle_status
  ) -> (values: [Element], status: spindle_status) {
    var values = [Element](repeating: zero, count: count)
    let status = unsafe values.withUnsafeMutableBufferPointer { unsafe fill($0.baseAddress) }
    return (values, status)
  }

  /// Samples of the last loss whose prediction was their class.
  var correct: Int { unsafe Int(spindle_correct(handle)) }

  /// What was planned, and seen in the last sequence.
  var plan: Plan {
    var plan = spindle_plan()
    unsafe spindle_workspace_plan(handle, &plan)
    let layers = neurons.indices.map { index in
      var layer = spindle_layer_plan()
      _ = unsafe spindle_workspace_layer_plan(handle, UInt32(index), &layer)
      return Plan.LayerPlan(
        inputSums: Sums(layer.input_sums), recurrentSums: Sums(layer.recurrent_sums),
        inputDensity: layer.input_density, firingRate: layer.spike_density,
        outputs: Outputs(layer.outputs), surrogateDensity: layer.surrogate_density)
    }
    return Plan(
      isa: ISA(plan.isa) ?? .automatic,
      layout: plan.layout == SPINDLE_LAYOUT_LANES ? .lanes : .rows,
      threads: Int(plan.threads), tile: Int(plan.tile), chunk: Int(plan.window),
      parts: Int(plan.parts), memory: isSegmented ? .segments : .all,
      traceSteps: Int(plan.trace_steps), traceBytes: plan.trace_bytes,
      workspaceBytes: plan.workspace_bytes,
      layers: layers)
  }
}

/// A place in a sequence, and the potential there.
struct PotentialPlace {
  let layer: Int
  let sample: Int
  let step: Int
  let neuron: Int
  let value: Float
}

extension Workspace {
  /// The first potential of the last sequence, which had this input, that is not finite.
  func firstNotFinite(_ input: Input) throws(SpindleError) -> PotentialPlace? {
    var place = spindle_place()
    var found = false
    let status = unsafe input.withRaw { input in
      _ = unsafe spindle_move_input(handle, input)
      return unsafe spindle_find_not_finite(handle, &found, &place)
    }
    if status == SPINDLE_RANKS_FAILED { try check(status) }
    guard status == SPINDLE_OK, found else { return nil }
    return PotentialPlace(
      layer: Int(place.layer), sample: Int(place.sample), step: Int(place.step),
      neuron: Int(place.neuron), value: place.value)
  }
}

extension Input {
  /// The input as the C core takes it, for the length of a call; in inference without lengths, which
  /// are for the caller to heed.
  func withRaw<Result>(
    inference: Bool = false, _ body: (UnsafePointer<spindle_input>) -> Result
  ) -> Result {
    var raw = unsafe spindle_input()
    guard !inference, let ends else { return unsafe withRaw(&raw, body) }
    return unsafe ends.withUnsafeBufferPointer {
      unsafe raw.lengths = $0.baseAddress
      return unsafe withRaw(&raw, body)
    }
  }

  private func withRaw<Result>(
    _ raw: inout spindle_input, _ body: (UnsafePointer<spindle_input>) -> Result
  ) -> Result {
    switch self {
    case .spikes(let train):
      return unsafe train.words.withUnsafeBufferPointer {
        unsafe raw.spikes = $0.baseAddress
        return unsafe withUnsafePointer(to: &raw) { unsafe body($0) }
      }
    case .signal(let signal):
      return unsafe signal.values.withUnsafeBufferPointer {
        unsafe raw.values = $0.baseAddress
        return unsafe withUnsafePointer(to: &raw) { unsafe body($0) }
      }
    }
  }
}

extension Network {
  /// Refuses the lanes layout where a layer has an option that it lacks.
  fileprivate func checkLayout(_ layout: Layout) throws(SpindleError) {
    guard layout == .lanes else { return }
    for (index, raw) in description.rawLayers.enumerated() {
      var raw = raw
      guard unsafe spindle_needs_rows(&raw) else { continue }
      throw .invalidValue(
        what: "the layout",
        expected:
          "automatic or rows, for layers[\(index)] has an option that the lanes layout lacks",
        got: "lanes")
    }
  }

  /// Plans and allocates a workspace.
  fileprivate func makeWorkspace(
    batch: Int, steps: Int, _ purpose: Workspace.Purpose, _ loss: Loss?, _ execution: Execution,
    _ link: RankLink?
  ) throws(SpindleError) -> (memory: UnsafeMutableRawPointer, handle: OpaquePointer) {
    var bytes = 0
    let (rank, ranks) = (link?.rank ?? 0, link?.ranks ?? 1)
    let planned = unsafe withConfiguration(
      batch: batch, steps: steps, purpose: purpose, loss: loss, rank: rank, ranks: ranks, execution
    ) {
      unsafe spindle_workspace_size($0, &bytes)
    }
    guard planned != SPINDLE_SIZE_OVERFLOW, bytes >= 0, bytes <= Int.max / 2 else {
      throw .sizeOverflow(what: "a workspace for \(batch) samples of \(steps) steps")
    }
    try check(planned)
    var block: UnsafeMutableRawPointer?
    guard unsafe spindle_allocate(bytes, &block) == SPINDLE_OK, let block = unsafe block else {
      let available = spindle_available_memory()
      throw .outOfMemory(
        needed: bytes, available: available == UInt.max ? nil : Int(clamping: available))
    }
    var handle: OpaquePointer?
    let status = unsafe withConfiguration(
      batch: batch, steps: steps, purpose: purpose, loss: loss, rank: rank, ranks: ranks, execution
    ) {
      unsafe spindle_workspace_create($0, block, bytes, &handle)
    }
    guard status == SPINDLE_OK, let handle = unsafe handle else {
      unsafe spindle_free(block)
      throw .engine(unsafe String(cString: spindle_status_text(status)))
    }
    if let link {
      var exchange = unsafe link.raw
      _ = unsafe spindle_connect(handle, &exchange)
    }
    return unsafe (block, handle)
  }

  /// The network as the C core takes it, for the length of a call.
  func withConfiguration(
    batch: Int, steps: Int, purpose: Workspace.Purpose = .training, loss: Loss? = nil,
    rank: Int = 0, ranks: Int = 1, _ execution: Execution,
    _ body: (UnsafePointer<spindle_configuration>) -> spindle_status
  ) -> spindle_status {
    unsafe description.rawLayers.withUnsafeBufferPointer { layers in
      var configuration = unsafe spindle_configuration(
        layers: layers.baseAddress, layer_count: UInt32(layers.count), batch: UInt32(batch),
        steps: UInt32(steps), time_step: Float(description.timeStep),
        purpose: purpose == .training ? SPINDLE_TRAINING : SPINDLE_INFERENCE,
        parts: UInt32(execution.parts ?? 0), threads: UInt32(execution.threads ?? 0),
        isa: execution.isa.raw, layout: execution.layout.raw,
        sums: execution.sums.raw, outputs: execution.outputs.raw,
        output_gradient: loss?.keepsOutputGradient ?? false,
        memory: execution.memory.raw, memory_limit: execution.memoryLimit ?? 0,
        rank: UInt32(rank), ranks: UInt32(ranks))
      return unsafe withUnsafePointer(to: &configuration) { unsafe body($0) }
    }
  }
}
