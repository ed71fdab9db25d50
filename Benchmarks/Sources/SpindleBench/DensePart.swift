import CMeasure
import CSpindle
import Spindle

/// The dense products of a workload's step: which there are follows from the plan, their speed is
/// measured by running the engine's kernel by itself on the same shapes.
struct DensePart {
  /// One product, with the floating-point operations that a step spends on it.
  private struct Product {
    let shape: spindle_product_shape
    let operations: Double

    init(_ shape: spindle_product_shape, operations: Double) {
      self.shape = shape
      self.operations = operations
    }
  }

  private let products: [Product]

  /// The products of a plan. Sums over events do not count, nor products by outputs, nor what a
  /// readout gives to the layer below, by increments, nor does the lanes layout, which
  /// multiplies within its own loops.
  init(_ workload: Workload, _ plan: Plan) {
    var products: [Product] = []
    func add(_ count: Int, tile: Int, _ depth: Int, _ columns: Int) {
      let shape = spindle_product_shape(
        rows: UInt32(tile), depth: UInt32(depth), columns: UInt32(columns), gradient: false)
      products.append(Product(shape, operations: 2 * Double(count * depth * columns)))
    }
    func addGradient(_ count: Int, _ sources: Int, _ columns: Int) {
      let block = min((sources + plan.threads - 1) / plan.threads, 1024)
      let shape = spindle_product_shape(
        rows: UInt32(block), depth: UInt32(min(256, count)), columns: UInt32(min(columns, 256)),
        gradient: true)
      products.append(Product(shape, operations: 2 * Double(count * sources * columns)))
    }
    let rows = workload.batch * workload.steps
    let widths = [workload.inputs, workload.hidden] + (workload.outputs.map { [$0] } ?? [])
    for (index, layer) in plan.layers.enumerated() where plan.layout == .rows {
      let (inputs, neurons) = (widths[index], widths[index + 1])
      if layer.inputSums == .dense {
        let window = workload.isAnalog && index == 0 ? plan.window : 1
        add(rows, tile: plan.tile * window, inputs, neurons)
        addGradient(rows, inputs, neurons)
      }
      guard index == 0, workload.topology == .rc else { continue }
      let later = rows - workload.batch
      if layer.outputs == .all { add(later, tile: plan.tile, neurons, neurons) }
      guard layer.recurrentSums == .dense else { continue }
      add(later, tile: plan.tile, neurons, neurons)
      addGradient(later, neurons, neurons)
    }
    self.products = products
  }

  /// Operations a second of all products together, in the proportions of a step; nil where a step
  /// has none.
  func operationsPerSecond(isa: ISA, threads: Int) throws -> Double? {
    guard !products.isEmpty else { return nil }
    var seconds = 0.0
    for product in products {
      seconds += product.operations / (try Self.speed(of: product.shape, isa, threads))
    }
    return products.reduce(0) { $0 + $1.operations } / seconds
  }

  /// Median over runs of about 10 ms each.
  private static func speed(
    of shape: spindle_product_shape, _ isa: ISA, _ threads: Int
  ) throws -> Double {
    let (rows, depth, columns) = (Int(shape.rows), Int(shape.depth), Int(shape.columns))
    let a = try AlignedFloats(count: threads * roundUp(rows * depth, 16))
    let b = try AlignedFloats(count: roundUp(columns, 64) * depth)
    let c = try AlignedFloats(count: threads * roundUp(rows * columns, 16))
    let raw = rawISA(isa)
    let operations = 2 * Double(threads * rows) * Double(depth) * Double(columns)
    var repetitions: UInt32 = 1
    func run() throws -> Double {
      var shape = shape
      var status = SPINDLE_OK
      let duration = ContinuousClock().measure {
        status = unsafe spindle_measure_product(
          raw, UInt32(threads), &shape, repetitions, a.start, b.start, c.start)
      }
      guard status == SPINDLE_OK else {
        throw BenchmarkError(unsafe String(cString: spindle_status_text(status)))
      }
      return duration.inSeconds
    }
    while try run() < 0.01, repetitions < 1 << 24 { repetitions *= 2 }
    let timing = try Timing(atLeast: 0.2) { _ in _ = try run() }
    return operations * Double(repetitions) / timing.median
  }

  private static func rawISA(_ isa: ISA) -> spindle_isa {
    let known = (0..<UInt32(SPINDLE_ISA_COUNT)).map { spindle_isa($0) }
    return known.first { unsafe String(cString: spindle_isa_name($0)) == isa.rawValue }
      ?? SPINDLE_ISA_AUTOMATIC
  }

  private static func roundUp(_ count: Int, _ multiple: Int) -> Int {
    (count + multiple - 1) / multiple * multiple
  }
}

/// Zeros in memory aligned as the engine's.
@safe final class AlignedFloats {
  private let memory: UnsafeMutableRawPointer
  let start: UnsafeMutablePointer<Float>

  init(count: Int) throws {
    var block: UnsafeMutableRawPointer?
    guard unsafe spindle_allocate(count * 4, &block) == SPINDLE_OK, let block = unsafe block else {
      throw BenchmarkError("no memory for \(count) numbers")
    }
    unsafe memory = block
    unsafe start = block.bindMemory(to: Float.self, capacity: count)
  }

  deinit { unsafe spindle_free(memory) }
}
