import Foundation
import SpindleTensors
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// Cases that the oracle fills in.
@Suite("Golden") struct GoldenTests {
  /// The oracle's expectations for a network are those that PyTorch computed, and all engines agree
  /// with them.
  @Test("Round trip", arguments: GoldenCases.allPaths)
  func roundTrip(path: String) async throws {
    let file = try CaseFile(contentsOf: path)
    let bare = try SafetensorsFile(
      file.contents.tensors.filter { !$0.name.hasPrefix("expected.") },
      metadata: file.contents.metadata)
    let golden = try await Golden(of: CaseFile(bare))
    let result = CaseResult(
      values: Dictionary(
        uniqueKeysWithValues: golden.file.results.map {
          ($0.name, (golden.file.expected($0) ?? []).map { Double($0) })
        }))
    for row in CrossCheck().compare(file, result) {
      #expect(row.status == .equal || row.status == .close, "\(row)")
    }
    let read = try await withTemporaryPath { path in
      try golden.file.write(to: path)
      return try CaseFile(contentsOf: path)
    }
    #expect(read.contents.metadata == file.contents.metadata)
    #expect(Set(read.contents.tensors.map(\.name)) == Set(file.contents.tensors.map(\.name)))
    let report = try await CrossCheck().check(read)
    #expect(report.agrees, "\(report.table(title: path))")
  }

  @Test("No warning where potentials keep away from the threshold", arguments: GoldenCases.names)
  func quiet(name: String) async throws {
    #expect(try await Golden(of: GoldenCases.file(name)).warnings.isEmpty)
  }

  /// Thresholds are moved onto a potential of the hidden layer, and next to one of the last.
  @Test("Warnings of potentials near the threshold") func warnings() async throws {
    let file = try GoldenCases.file("two-layers-bias-learned")
    let (batch, neuron) = (0, 4)
    let step = try await file.step(file.reference(Double.self), tasks: 1)
    let hidden = step.trace.layers[0]
    // Of the first step, which no spike comes before.
    let potential = Float(hidden.potential[batch * file.steps * 19 + neuron])
    let planted = try file.contents.changing("1.threshold", at: neuron, to: potential)
    let warnings = try await Golden(of: CaseFile(planted)).warnings
    let warning = try #require(warnings.first)
    #expect(warning.layer == 1)
    #expect(warning.closest == [0, 0, 4])
    #expect(warning.distance.magnitude <= warning.margin)
    #expect(warning.description.contains("[0, 0, 4]"))

    let far = try file.contents.changing("1.threshold", at: neuron, to: potential * 1.001)
    #expect(try await Golden(of: CaseFile(far)).warnings.allSatisfy { $0.closest != [0, 0, 4] })
  }

  /// The bound is of use only if it holds: the float reference keeps within it.
  @Test("Float keeps within the bound", arguments: GoldenCases.names)
  func bound(name: String) async throws {
    let file = try GoldenCases.file(name)
    let double = try await file.step(file.reference(Double.self), tasks: 1)
    let float = try await file.step(file.reference(Float.self), tasks: 1)
    let margins = file.margins(double.trace)
    for (index, layer) in margins.enumerated() {
      let exact = double.trace.layers[index].potential
      let rounded = float.trace.layers[index].potential
      #expect(layer.count == exact.count)
      for element in exact.indices {
        let error = (Double(rounded[element]) - exact[element]).magnitude
        #expect(!(error > layer[element]), "\(element)")
        // Else every potential would be warned of.
        #expect(layer[element] < 1e-3)
      }
    }
  }

  @Test("What float32 cannot hold") func overflow() async throws {
    var contents = try GoldenCases.file("integrator-filter-learned").contents
    for index in 0..<30 { contents = try contents.changing("2.weight", at: index, to: 3e38) }
    let file = try CaseFile(contents)
    do throws(CaseError) {
      _ = try await Golden(of: file)
      Issue.record("no error")
    } catch {
      guard case .resultNotFinite = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
