import Foundation
import Spindle

/// One row of `workloads.json`. Shape letters: B batch, T steps, I inputs, N hidden neurons.
struct Workload: Codable, Equatable {
  enum TopologyName: String, Codable {
    case ff = "FF"
    case rc = "RC"
  }

  enum SurrogateName: String, Codable {
    case triangular
  }

  /// One line about it.
  var what: String
  /// B.
  var batch: Int
  /// T, of 1 ms.
  var steps: Int
  /// I.
  var inputs: Int
  /// N.
  var hidden: Int
  /// Leaky integrators that read the hidden layer out; nil for none.
  var outputs: Int?
  var topology: TopologyName
  /// Probability of an input spike at each step.
  var density: Double
  /// True where the inputs are normal numbers and not spikes.
  var analog: Bool?
  var threshold: Float
  /// Of the surrogate; nil for the fast sigmoid.
  var surrogate: SurrogateName?
  /// Of the surrogate.
  var slope: Float
  /// h(0); nil for that of the kind.
  var peak: Float?
  /// Of the input weights, as the next.
  var weightMean: Float
  var weightStd: Float
  /// Of the recurrent weights, whose mean is zero.
  var recurrentStd: Float
  var loss: String

  var isAnalog: Bool { analog ?? false }
  /// All neurons, the readout's included.
  var neurons: Int { hidden + (outputs ?? 0) }

  /// A version that the slow oracle can check: at most 5 samples, 8 steps, 40 inputs and 40
  /// neurons. Weights grow as the sums get shorter, so that currents keep their scale, and spikes
  /// are dense, so that there are some.
  var small: Workload {
    var small = self
    small.batch = min(batch, 5)
    small.steps = min(steps, 8)
    small.inputs = min(inputs, 40)
    small.hidden = min(hidden, 40)
    small.density = isAnalog ? density : max(density, 0.3)
    let active = Double(inputs) * density / (Double(small.inputs) * small.density)
    small.weightStd *= 2 * Float(active.squareRoot())
    small.recurrentStd *= (Float(hidden) / Float(small.hidden)).squareRoot()
    return small
  }
}

extension Workload {
  /// The project's own workloads, by name.
  static func all() throws -> [String: Workload] {
    try decode(Data(PackageResources.workloads_json))
  }

  /// The workloads of a file.
  static func read(_ path: String) throws -> [String: Workload] {
    try decode(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private static func decode(_ data: Data) throws -> [String: Workload] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([String: Workload].self, from: data)
  }
}

/// What can go wrong in a benchmark.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
