import SpindleCrossCheck
import SpindleReference
import TestSupport
import Testing

/// The cases from outside against the reference by itself; SpindleCrossCheckTests run them on all
/// engines.
@Suite(.enabled(if: !SharedCases.paths.isEmpty, "\(SharedCases.absence)"))
struct CaseTests {
  @Test(arguments: SharedCases.paths)
  func doubleAndFloat(path: String) async throws {
    let report = try await CrossCheck(engines: [.swift]).check(CaseFile(contentsOf: path))
    #expect(report.engines.count == 2)
    #expect(report.agrees, "\(report.table(title: path))")
  }

  /// Forcing the spikes that the rule would find changes nothing.
  @Test(arguments: SharedCases.paths)
  func forcedSpikes(path: String) async throws {
    let file = try CaseFile(contentsOf: path)
    let network = try file.reference(Double.self)
    let input = file.input.map { Double($0) }
    let free = try await network.step(
      input: input, batch: file.batch, steps: file.steps, loss: file.referenceLoss())
    let spikes = free.trace.layers.map(\.spikes)
    let forced = try await network.step(
      input: input, batch: file.batch, steps: file.steps, loss: file.referenceLoss(),
      spikes: .forced(spikes))
    #expect(forced.loss == free.loss)
    #expect(forced.gradients == free.gradients)
  }
}
