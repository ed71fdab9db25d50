import CSpindle
import Foundation
import Spindle
import SpindleTensors

/// The golden data that Scripts/make_optimizer_golden.py writes.
struct OptimizerGolden {
  /// A configuration as the script names its numbers; those that are left out are PyTorch's.
  struct Configuration: Decodable {
    var kind: String
    var learningRate: Float
    var momentum: Float?
    var nesterov: Bool?
    var beta1: Float?
    var beta2: Float?
    var epsilon: Float?
    var weightDecay: Float?
    var weightBound: Float?
    var clipNorm: Float?
    var clipValue: Float?
  }

  let file: SafetensorsFile
  /// Inputs and neurons, by name.
  let shapes: [String: [Int]]
  let configurations: [String: Configuration]
  /// Steps, counted from 1, whose parameters are kept.
  let checked: [Int]

  init() throws {
    file = try SafetensorsFile(
      contentsOf: Bundle.module.bundleURL
        .appendingPathComponent("Golden/optimizers.safetensors").path)
    let metadata = file.metadata
    func data(_ key: String) -> Data { Data((metadata[key] ?? "").utf8) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    shapes = try decoder.decode([String: [Int]].self, from: data("shapes"))
    configurations = try decoder.decode(
      [String: Configuration].self, from: data("configurations"))
    checked = try decoder.decode([Int].self, from: data("checked"))
  }

  func floats(_ name: String) throws -> [Float] { try file.tensor(named: name).floats() }
  func doubles(_ name: String) throws -> [Double] { try file.tensor(named: name).doubles() }
}

/// The C core's optimizer on one recurrent layer of learned parameters, with gradients given from
/// outside.
@safe final class OptimizerRun {
  static let names = ["weight", "bias", "recurrent_weight", "tau", "threshold"]

  private(set) var parameters: [Float]
  private var mean: [Float]
  private var variance: [Float]
  private let ranges: [String: Range<Int>]
  private let memory: UnsafeMutableRawPointer
  private let workspace: OpaquePointer
  private var step: UInt64 = 0

  init(inputs: Int, neurons: Int, threads: Int = 1, isa: spindle_isa = SPINDLE_ISA_AUTOMATIC)
    throws
  {
    var layer = spindle_layer()
    layer.inputs = UInt32(inputs)
    layer.neurons = UInt32(neurons)
    layer.topology = SPINDLE_RC
    layer.slope = 1
    layer.bias = true
    for role in [
      SPINDLE_WEIGHT, SPINDLE_BIAS, SPINDLE_RECURRENT_WEIGHT, SPINDLE_TAU, SPINDLE_THRESHOLD,
    ] { layer.learned |= 1 << role.rawValue }
    var places = spindle_layer_parameters()
    var (count, bytes) = (0, 0)
    var block: UnsafeMutableRawPointer?
    var handle: OpaquePointer?
    let status = unsafe withUnsafePointer(to: layer) { layers in
      var configuration = unsafe spindle_configuration()
      unsafe configuration.layers = layers
      unsafe configuration.layer_count = 1
      unsafe configuration.batch = 1
      unsafe configuration.steps = 1
      unsafe configuration.time_step = 1e-3
      unsafe configuration.threads = UInt32(threads)
      unsafe configuration.isa = isa
      let sizes = unsafe [
        spindle_parameter_layout(&configuration, &places, &count),
        spindle_workspace_size(&configuration, &bytes), spindle_allocate(bytes, &block),
      ]
      return unsafe sizes.first { $0 != SPINDLE_OK }
        ?? spindle_workspace_create(&configuration, block, bytes, &handle)
    }
    guard status == SPINDLE_OK, let block = unsafe block, let handle = unsafe handle else {
      throw OptimizerFailure(status: status)
    }
    unsafe memory = block
    unsafe workspace = handle
    func range(_ first: Int, _ count: Int) -> Range<Int> { first..<first + count }
    ranges = [
      "weight": range(places.offset.0, inputs * neurons), "bias": range(places.offset.1, neurons),
      "recurrent_weight": range(places.offset.2, neurons * neurons),
      "tau": range(places.offset.3, neurons), "threshold": range(places.offset.5, neurons),
    ]
    parameters = [Float](repeating: 0, count: count)
    mean = parameters
    variance = parameters
  }

  deinit { unsafe spindle_free(memory) }

  func set(_ name: String, to values: [Float]) {
    parameters.replaceSubrange(ranges[name] ?? 0..<0, with: values)
  }
  func values(_ name: String) -> [Float] { Array(parameters[ranges[name] ?? 0..<0]) }
  var state: [Float] { mean + variance }

  /// One step; the norm of the gradients before clipping.
  func update(_ optimizer: spindle_optimizer, gradients named: [String: [Float]]) throws -> Double {
    var gradients = [Float](repeating: 0, count: parameters.count)
    for (name, values) in named { gradients.replaceSubrange(ranges[name] ?? 0..<0, with: values) }
    var norm = 0.0
    let (workspace, next) = unsafe (workspace, step + 1)
    let status = unsafe parameters.withUnsafeMutableBufferPointer { parameters in
      unsafe mean.withUnsafeMutableBufferPointer { mean in
        unsafe variance.withUnsafeMutableBufferPointer { variance in
          unsafe gradients.withUnsafeMutableBufferPointer { gradients in
            var training = unsafe spindle_training()
            unsafe training.optimizer = optimizer
            unsafe training.parameters = parameters.baseAddress
            unsafe training.gradients = gradients.baseAddress
            unsafe training.mean = mean.baseAddress
            unsafe training.variance = variance.baseAddress
            return unsafe spindle_optimize(workspace, &training, next, &norm)
          }
        }
      }
    }
    guard status == SPINDLE_OK else { throw OptimizerFailure(status: status, norm: norm) }
    step = next
    return norm
  }
}

/// What the core refused.
struct OptimizerFailure: Error {
  let status: spindle_status
  var norm = 0.0
}

extension OptimizerGolden.Configuration {
  var raw: spindle_optimizer {
    var raw = spindle_optimizer()
    let kinds = [
      "sgd": SPINDLE_SGD, "adam": SPINDLE_ADAM, "adamw": SPINDLE_ADAM, "adamax": SPINDLE_ADAMAX,
    ]
    raw.kind = kinds[kind] ?? SPINDLE_SGD
    raw.decoupled = kind == "adamw"
    raw.learning_rate = learningRate
    raw.momentum = momentum ?? 0
    raw.nesterov = nesterov ?? false
    raw.beta1 = beta1 ?? 0.9
    raw.beta2 = beta2 ?? 0.999
    raw.epsilon = epsilon ?? 1e-8
    raw.weight_decay = weightDecay ?? 0
    raw.weight_bound = weightBound ?? 0
    raw.clip_norm = clipNorm ?? 0
    raw.clip_value = clipValue ?? 0
    return raw
  }
}
