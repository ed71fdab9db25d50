import Spindle
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// All engines in all ways against the cases that PyTorch computed.
@Suite("Engines") struct EngineTests {
  @Test(
    "Every case, layout, instruction set and number of threads", arguments: GoldenCases.allPaths)
  func agrees(path: String) throws {
    let file = try CaseFile(contentsOf: path)
    let isInLanes = !GoldenCases.inRowsAlone.contains { path.hasSuffix("/\($0).safetensors") }
    let layouts: [Layout] = isInLanes ? [.rows, .lanes] : [.rows]
    let check = CrossCheck(isas: ISA.supported, threads: [1, 2, 5], layouts: layouts)
    let report = try check.check(file)
    #expect(
      report.engines.map(\.engine)
        == layouts.map { "c \($0.rawValue)" } + ["swift double", "swift float"])
    for engine in report.engines.prefix(layouts.count) {
      #expect(engine.outcomes.first?.runs.count == 3 * ISA.supported.count)
    }
    #expect(report.agrees, "\(report.table(title: path))")
    for tensor in report.engines.flatMap(\.outcomes).flatMap(\.tensors) {
      #expect(tensor.status != .noExpectation)
    }
  }

  @Test(
    "The tutorial's first step", .enabled(if: !SharedCases.paths.isEmpty, "\(SharedCases.absence)"))
  func tutorial() throws {
    let path = SharedCases.directory.appendingPathComponent("tutorial-first-step.safetensors").path
    let file = try CaseFile(contentsOf: path)
    // The layout chosen for this network keeps gradients within 1e-6.
    let check = CrossCheck(engines: [.c], tolerance: 1e-6)
    for engine in try check.check(file).engines {
      #expect(engine.engine == "c lanes")
      let outcome = try #require(engine.outcomes.first)
      #expect((outcome.loss * 1e6).rounded() == 234_266)
      for tensor in outcome.tensors {
        if ["spikes", "potential", "membrane"].contains(tensor.name) {
          #expect(tensor.largestDifference == 0, "\(engine.engine) \(tensor.name)")
        }
        #expect(!tensor.fails, "\(engine.engine) \(tensor.name)")
      }
    }
  }

  /// Forcing the spikes that the definition finds changes nothing in it.
  @Test("Forced spikes", arguments: GoldenCases.allPaths)
  func forcedSpikes(path: String) throws {
    let file = try CaseFile(contentsOf: path)
    let network = try file.reference(Double.self)
    let free = try file.step(network)
    let forced = try file.step(network, spikes: .forced(free.trace.layers.map(\.spikes)))
    #expect(forced.loss == free.loss)
    #expect(forced.gradients == free.gradients)
  }
}
