import Spindle

/// One way in which an engine ran a case.
public struct Run: Sendable, Equatable, Encodable {
  /// The instruction set that ran; nil for the reference.
  public let isa: String?
  /// Threads of the engine; 1 for the reference.
  public let threads: Int
}

/// Runs that gave the same bits, and how these compare.
public struct Outcome: Sendable, Equatable, Encodable {
  /// The runs.
  public internal(set) var runs: [Run]
  /// The loss that they computed.
  public let loss: Double
  /// One for each result of the case, in the order of ``CaseFile/results``.
  public internal(set) var tensors: [TensorComparison] = []
  /// What was compared.
  let result: CaseResult

  enum CodingKeys: String, CodingKey { case runs, loss, tensors }
}

/// What one engine made of a case.
public struct EngineReport: Sendable, Equatable, Encodable {
  /// "c rows", "c lanes", "swift double" or "swift float".
  public let engine: String
  /// One if all runs gave the same bits, else one for each set of bits.
  public internal(set) var outcomes: [Outcome]
  /// The first tensor of which bits differ between the runs; nil where none do.
  public let firstDifference: String?

  /// Whether all runs gave the same bits.
  public var isIdentical: Bool { firstDifference == nil }
  /// Whether the runs agree with each other and with the case.
  public var agrees: Bool {
    isIdentical && !outcomes.contains { $0.tensors.contains(where: \.fails) }
  }

  /// Whether numbers differ by more than the tolerance.
  var differs: Bool {
    outcomes.contains { $0.tensors.contains { $0.status == .different && $0.name != "spikes" } }
  }

  /// Tells the differences that float32 can explain on this network from the others.
  mutating func judge(_ file: CaseFile, _ conditioning: Conditioning) {
    for outcome in outcomes.indices {
      let values = outcomes[outcome].result.values
      for index in outcomes[outcome].tensors.indices {
        let name = outcomes[outcome].tensors[index].name
        outcomes[outcome].tensors[index].judge(
          conditioning, computed: values[name] ?? [],
          expected: file.values("expected.\(name)") ?? [])
      }
    }
  }

  enum CodingKeys: String, CodingKey {
    case engine, outcomes
    case firstDifference = "first_difference_of_bits"
  }
}

/// What all engines made of a case.
public struct CaseReport: Sendable, Equatable, Encodable {
  /// B.
  public let batch: Int
  /// T.
  public let steps: Int
  /// N of each layer.
  public let neurons: [Int]
  /// The loss's name.
  public let loss: String
  /// The loss that the case expects; nil where it does not say.
  public let expectedLoss: Double?
  /// One for each engine and layout.
  public let engines: [EngineReport]

  /// Whether every engine agrees with the case.
  public var agrees: Bool { engines.allSatisfy(\.agrees) }
  /// Whether some differences are those of float32 on this network.
  public var isIllConditioned: Bool {
    engines.contains {
      $0.outcomes.contains { $0.tensors.contains { $0.status == .illConditioned } }
    }
  }

  init(_ file: CaseFile, _ engines: [EngineReport]) {
    batch = file.batch
    steps = file.steps
    neurons = file.description.layers.map(\.neurons.count)
    loss = file.loss.name
    expectedLoss = file.results.first.flatMap(file.expected)?.first.map { Double($0) }
    self.engines = engines
  }

  enum CodingKeys: String, CodingKey {
    case batch, steps, neurons, loss, engines
    case expectedLoss = "expected_loss"
  }
}

/// Collects runs by the bits of their results.
struct RunSet {
  /// Not yet compared.
  private(set) var groups: [Outcome] = []
  private(set) var firstDifference: CaseTensor?
  private let tensors: [CaseTensor]

  init(_ file: CaseFile) { tensors = file.results }

  mutating func add(_ run: Run, _ result: CaseResult) {
    for index in groups.indices {
      guard let difference = groups[index].result.firstDifference(from: result, in: tensors) else {
        groups[index].runs.append(run)
        return
      }
      firstDifference = firstDifference ?? difference
    }
    let loss = result.values["loss"]?.first ?? .nan
    groups.append(Outcome(runs: [run], loss: loss, result: result))
  }
}
