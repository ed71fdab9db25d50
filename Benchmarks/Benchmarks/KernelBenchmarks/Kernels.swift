import Benchmark
import CMeasure
import CSpindle

// Each benchmark isolates one kernel by its own entry of the C core, or by a shape in which the
// kernel takes nearly all the time. All run on one thread.
let benchmarks: @Sendable () -> Void = {
  // A median more than 10 % above the stored one, or a 90th percentile 20 % above, is an error.
  unsafe Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock], warmupIterations: 20, maxDuration: .seconds(2), maxIterations: 10_000,
    thresholds: [.wallClock: .init(relative: [.p50: 10, .p90: 20])])
  addProducts()
  addForward()
  addBackward()
  addLosses()
  addElementwise()
}

/// Dense products, by their entry for measurements.
private func addProducts() {
  // delta R^T of a tile: [64][256] [256][256].
  addProduct(
    "DenseProduct",
    spindle_product_shape(rows: 64, depth: 256, columns: 256, gradient: false))
  // A weight gradient: [256][256 rows] [256 rows][256].
  addProduct(
    "DenseGradient",
    spindle_product_shape(rows: 256, depth: 256, columns: 256, gradient: true))
}

private func addProduct(_ name: String, _ shape: spindle_product_shape) {
  Benchmark(name) { benchmark in
    let a = try Buffer<Float>(normal: 1, count: Int(shape.rows * shape.depth), stream: 1)
    let b = try Buffer<Float>(normal: 1, count: Int(shape.depth * shape.columns), stream: 2)
    let c = try Buffer<Float>(count: Int(shape.rows * shape.columns))
    var shape = shape
    benchmark.startMeasurement()
    try CoreError.check(
      unsafe spindle_measure_product(
        SPINDLE_ISA_AUTOMATIC, 1, &shape, 10, a.start, b.start, c.start))
  }
}

/// Sums of rows and the neurons' update.
private func addForward() {
  let sums = [
    ("Events", SPINDLE_SUMS_EVENTS), ("BlockedEvents", SPINDLE_SUMS_BLOCKED_EVENTS),
    ("Dense", SPINDLE_SUMS_DENSE),
  ]
  for (name, kind) in sums {
    for (suffix, density) in [("3Percent", 0.03), ("15Percent", 0.15)] {
      addForward(
        "RowSums\(name)\(suffix)",
        CoreRun.Shape(inputs: 784, neurons: 256, density: density, sums: kind))
    }
  }
  addForward("RecurrentForward", CoreRun.Shape(topology: SPINDLE_RC, density: 0.4))
  // With one input that hardly fires, little but the update is left.
  addForward("NeuronUpdate", CoreRun.Shape(density: 0.01))
  addForward("LanesForward", lanes)
}

/// The lanes layout, at the size of the tutorial.
private let lanes = CoreRun.Shape(
  batch: 32, steps: 100, inputs: 1, neurons: 8, topology: SPINDLE_RC, density: 0.4)

private func addForward(_ name: String, _ shape: CoreRun.Shape) {
  Benchmark(name) { benchmark, run in
    try run.forward()
  } setup: {
    try CoreRun(shape)
  }
}

/// Backward alone; forward and the loss before it are not timed.
private func addBackward() {
  let shapes = [
    (
      "GradientEvents",
      CoreRun.Shape(inputs: 784, neurons: 256, density: 0.15, sums: SPINDLE_SUMS_EVENTS)
    ),
    ("BackwardFeedForward", CoreRun.Shape(density: 0.01)),
    ("BackwardRecurrent", CoreRun.Shape(topology: SPINDLE_RC, density: 0.4)),
    ("LanesBackward", lanes),
  ]
  for (name, shape) in shapes {
    Benchmark(name) { benchmark, run in
      try run.forward()
      try run.loss()
      benchmark.startMeasurement()
      try run.backward()
      benchmark.stopMeasurement()
    } setup: {
      try CoreRun(shape)
    }
  }
}

private func addLosses() {
  let losses = [
    ("LossMeanRate", SPINDLE_MEAN_RATE_MSE),
    ("LossMaxMembrane", SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY),
  ]
  for (name, loss) in losses {
    Benchmark(name) { _, run in
      try run.loss()
    } setup: {
      let run = try CoreRun(CoreRun.Shape(loss: loss))
      try run.forward()
      return run
    }
  }
}

/// Adam and the random spikes of an input.
private func addElementwise() {
  Benchmark("Adam") { _, run in
    try run.adam()
  } setup: {
    try CoreRun(CoreRun.Shape(inputs: 784))
  }
  Benchmark("RandomSpikes") { _, words in
    var random = spindle_random(seed: 0, stream: 1, offset: 0, isa: SPINDLE_ISA_AUTOMATIC)
    try CoreError.check(unsafe spindle_random_spikes(&random, 0.03, 6400, 704, words.start))
  } setup: {
    try Buffer<UInt32>(count: 6400 * 22)
  }
}
