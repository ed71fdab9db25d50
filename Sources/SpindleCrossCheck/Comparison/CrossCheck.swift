import Spindle
import SpindleReference

/// Runs cases on the engines and compares what they compute with what the cases expect.
public struct CrossCheck: Sendable {
  /// What can run a case.
  public enum Engine: String, Sendable, CaseIterable {
    /// The C engine.
    case c
    /// The reference in Swift, in Double and in Float.
    case swift
  }

  /// Which engines run.
  public var engines: [Engine]
  /// With which instruction sets the C engine runs.
  public var isas: [ISA]
  /// With how many threads the C engine runs; nil for the default.
  public var threads: [Int?]
  /// With which layouts the C engine runs. Each orders its sums in its own way, so that bits are
  /// compared within a layout only.
  public var layouts: [Layout]
  /// The largest difference of losses, potentials, membranes and gradients, relative to the
  /// tensor's largest expected number.
  public var tolerance: Double

  /// The largest relative difference allowed by default: sums of some thousand float32.
  public static let defaultTolerance = 2e-5

  /// A check; the defaults are all engines as they would run by themselves.
  public init(
    engines: [Engine] = Engine.allCases, isas: [ISA] = [.automatic], threads: [Int?] = [nil],
    layouts: [Layout] = [.automatic], tolerance: Double = CrossCheck.defaultTolerance
  ) {
    self.engines = engines
    self.isas = isas
    self.threads = threads
    self.layouts = layouts
    self.tolerance = tolerance
  }

  /// Runs a case in every way and compares.
  ///
  /// - Throws: `noExpectations`, or `engine` or `reference` where one of them refuses the case.
  public func check(_ file: CaseFile) throws(CaseError) -> CaseReport {
    guard file.hasExpectations else { throw .noExpectations }
    var engineReports: [EngineReport] = []
    for engine in engines {
      switch engine {
      case .c:
        for layout in layouts { engineReports.append(try checkC(file, layout)) }
      case .swift:
        engineReports.append(try checkReference(file, Double.self, name: "swift double"))
        engineReports.append(try checkReference(file, Float.self, name: "swift float"))
      }
    }
    if engineReports.contains(where: \.differs) {
      let conditioning = try Conditioning(of: file)
      for index in engineReports.indices { engineReports[index].judge(file, conditioning) }
    }
    return CaseReport(file, engineReports)
  }

  private func checkC(_ file: CaseFile, _ layout: Layout) throws(CaseError) -> EngineReport {
    let network = try file.network()
    var runs = RunSet(file)
    var name = ""
    for isa in isas {
      for count in threads {
        let execution = Execution(threads: count, isa: isa, layout: layout)
        let plan = try wrapping(CaseError.engine) { () throws(SpindleError) in
          try network.plan(batch: file.batch, steps: file.steps, execution: execution)
        }
        name = "c \(plan.layout.rawValue)"
        runs.add(
          Run(isa: plan.isa.rawValue, threads: plan.threads),
          try file.run(network, execution))
      }
    }
    return report(file, name, runs)
  }

  private func checkReference<Scalar: ReferenceScalar>(
    _ file: CaseFile, _: Scalar.Type, name: String
  ) throws(CaseError) -> EngineReport {
    var runs = RunSet(file)
    let step = try file.step(file.reference(Scalar.self))
    runs.add(Run(isa: nil, threads: 1), file.result(of: step))
    return report(file, name, runs)
  }

  private func report(_ file: CaseFile, _ name: String, _ runs: RunSet) -> EngineReport {
    var outcomes = runs.groups
    for index in outcomes.indices {
      outcomes[index].tensors = compare(file, outcomes[index].result)
    }
    return EngineReport(
      engine: name, outcomes: outcomes, firstDifference: runs.firstDifference?.name)
  }

  /// One row for each result of a run.
  func compare(_ file: CaseFile, _ result: CaseResult) -> [TensorComparison] {
    file.results.map { tensor in
      let computed = result.values[tensor.name] ?? []
      let expected = file.expected(tensor)
      guard tensor.name == "spikes", let expected, let potential = result.values["potential"] else {
        return TensorComparison(tensor, computed, expected, tolerance: tolerance)
      }
      let thresholds = file.thresholds
      return TensorComparison(spikes: tensor, computed, expected) { element in
        potential[element] - thresholds[element % thresholds.count]
      }
    }
  }
}
