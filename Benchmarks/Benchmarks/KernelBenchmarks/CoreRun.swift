import CSpindle

/// One layer on one thread of the C core, whose calls a benchmark times one by one.
@safe final class CoreRun {
  /// What is run. Shape letters: B batch, T steps, I inputs, N neurons.
  struct Shape {
    var batch = 64
    var steps = 50
    var inputs = 1
    var neurons = 256
    var topology = SPINDLE_FF
    var density = 0.03
    var sums = SPINDLE_SUMS_AUTOMATIC
    var loss = SPINDLE_MEAN_RATE_MSE
  }

  private let shape: Shape
  private let memory: Buffer<UInt8>
  private let workspace: OpaquePointer
  private let parameters: Buffer<Float>
  private let gradients: Buffer<Float>
  private let mean: Buffer<Float>
  private let variance: Buffer<Float>
  private let spikes: Buffer<UInt32>
  private let target: Buffer<Float>
  private let classes: Buffer<Int32>

  init(_ shape: Shape) throws {
    self.shape = shape
    var layer = spindle_layer()
    layer.inputs = UInt32(shape.inputs)
    layer.neurons = UInt32(shape.neurons)
    layer.neuron = SPINDLE_LIF
    layer.topology = shape.topology
    layer.learned = 1 << SPINDLE_WEIGHT.rawValue | 1 << SPINDLE_RECURRENT_WEIGHT.rawValue
    layer.slope = 1
    let made = unsafe try withUnsafePointer(to: &layer) { layer in
      // What is left at zero is automatic, and one process.
      var configuration = unsafe spindle_configuration()
      unsafe configuration.layers = unsafe layer
      unsafe configuration.layer_count = 1
      unsafe configuration.batch = UInt32(shape.batch)
      unsafe configuration.steps = UInt32(shape.steps)
      unsafe configuration.time_step = 1e-3
      unsafe configuration.purpose = SPINDLE_TRAINING
      unsafe configuration.threads = 1
      unsafe configuration.sums = shape.sums
      unsafe configuration.memory = SPINDLE_MEMORY_ALL
      return try unsafe Self.make(configuration)
    }
    memory = made.memory
    unsafe workspace = made.workspace
    parameters = try Self.makeParameters(shape, made.places, count: made.count)
    gradients = try Buffer(normal: 1e-3, count: made.count, stream: 3)
    mean = try Buffer(count: made.count)
    variance = try Buffer(count: made.count)
    spikes = try Buffer(count: shape.batch * shape.steps * ((shape.inputs + 31) / 32))
    target = try Buffer(count: shape.steps * shape.neurons)
    classes = try Buffer(count: shape.batch)
    try load()
    var random = spindle_random(seed: 0, stream: 9, offset: 0, isa: SPINDLE_ISA_AUTOMATIC)
    try CoreError.check(
      unsafe spindle_random_spikes(
        &random, shape.density, shape.batch * shape.steps, UInt32(shape.inputs), spikes.start))
  }

  /// A workspace and the memory in which it lies, and where the parameters are.
  @safe private struct Made {
    let memory: Buffer<UInt8>
    let workspace: OpaquePointer
    let places: spindle_layer_parameters
    let count: Int
  }

  private static func make(_ configuration: spindle_configuration) throws -> Made {
    var configuration = unsafe configuration
    var bytes = 0
    var count = 0
    var places = spindle_layer_parameters()
    try CoreError.check(unsafe spindle_parameter_layout(&configuration, &places, &count))
    try CoreError.check(unsafe spindle_workspace_size(&configuration, &bytes))
    let memory = try Buffer<UInt8>(count: bytes)
    var workspace: OpaquePointer?
    try CoreError.check(
      unsafe spindle_workspace_create(&configuration, memory.start, bytes, &workspace))
    guard let workspace = unsafe workspace else { throw CoreError(status: "no workspace") }
    return unsafe Made(memory: memory, workspace: workspace, places: places, count: count)
  }

  /// Weights that give currents of half the threshold; tau 10 ms, threshold 1.
  private static func makeParameters(
    _ shape: Shape, _ places: spindle_layer_parameters, count: Int
  ) throws -> Buffer<Float> {
    let active = max(1, Double(shape.inputs) * shape.density)
    let all = try Buffer<Float>(
      normal: Float(0.5 / active.squareRoot()), count: count, stream: 1)
    for n in 0..<shape.neurons {
      unsafe all.start[places.offset.3 + n] = 0.01
      unsafe all.start[places.offset.5 + n] = 1
    }
    guard shape.topology == SPINDLE_RC else { return all }
    let recurrent = try Buffer<Float>(
      normal: 0.3 / Float(shape.neurons).squareRoot(), count: shape.neurons * shape.neurons,
      stream: 2)
    unsafe (all.start + places.offset.2).update(
      from: recurrent.start, count: recurrent.count)
    return all
  }

  func load() throws { try CoreError.check(unsafe spindle_load(workspace, parameters.start)) }

  func forward() throws {
    var input = unsafe spindle_input(spikes: spikes.start, values: nil, lengths: nil)
    try CoreError.check(unsafe spindle_forward(workspace, &input, nil))
  }

  func loss() throws {
    var value = 0.0
    var target = unsafe lossTarget
    try CoreError.check(unsafe spindle_loss(workspace, &target, &value))
  }

  func backward() throws {
    var input = unsafe spindle_input(spikes: spikes.start, values: nil, lengths: nil)
    var target = unsafe lossTarget
    try CoreError.check(
      unsafe spindle_backward(workspace, &input, &target, gradients.start, nil))
  }

  func adam() throws {
    var training = unsafe spindle_training()
    unsafe training.optimizer.kind = SPINDLE_ADAM
    unsafe training.optimizer.learning_rate = 1e-3
    unsafe training.optimizer.beta1 = 0.9
    unsafe training.optimizer.beta2 = 0.999
    unsafe training.optimizer.epsilon = 1e-8
    unsafe training.parameters = parameters.start
    unsafe training.gradients = gradients.start
    unsafe training.mean = mean.start
    unsafe training.variance = variance.start
    var norm = 0.0
    try CoreError.check(unsafe spindle_optimize(workspace, &training, 1, &norm))
  }

  private var lossTarget: spindle_loss_target {
    var raw = unsafe spindle_loss_target()
    unsafe raw.kind = shape.loss
    unsafe raw.target = UnsafePointer(target.start)
    unsafe raw.classes = UnsafePointer(classes.start)
    return unsafe raw
  }
}
