import SpindleTensors
import TestSupport
import Testing

@testable import SpindleCrossCheck

/// Random changes to valid cases: none may crash the reader, and what it accepts must run.
@Suite("Mutations") struct FuzzTests {
  @Test("Cases") func cases() async throws {
    let files = try ["one-sample-one-step", "integrator-filter-learned"].map {
      try GoldenCases.file($0).contents
    }
    // Without the expectations there is more of the header to change.
    let small = try SafetensorsFile(
      files[0].tensors.filter { !$0.name.hasPrefix("expected.") }, metadata: files[0].metadata)
    let words = [
      "{", "}", "[", "]", ",", ":", "\\\"", "0", "-1", "1e9", "1e400", "null", "true", "\\\"FF\\\"",
      "9223372036854775808", "\\\"tau\\\":", "\\\"neurons\\\":", "\\\"li\\\"", "[1,2]", "\\\\u0000",
    ]
    let seeds = [small] + files
    var accepted: [CaseFile] = []
    try Fuzz().run("cases", try seeds.map { try $0.encoded() }, words: words) { bytes in
      guard let file = try read(bytes) else { return false }
      if accepted.count < 500 { accepted.append(file) }
      return true
    }
    for file in accepted { try await run(file) }
  }

  /// Requires that every engine computes every result, whatever the numbers.
  private func run(_ file: CaseFile) async throws {
    let results = [
      try file.run(file.network(), .init(threads: 1)),
      try await file.run(file.reference(Double.self), tasks: 1),
      try await file.run(file.reference(Float.self), tasks: 1),
    ]
    for result in results {
      for tensor in file.results {
        #expect(result.values[tensor.name]?.count == tensor.shape.reduce(1, *))
      }
      #expect(CrossCheck().compare(file, result).count == file.results.count)
    }
    do throws(CaseError) {
      _ = try await Golden(of: file)
    } catch {
      guard case .resultNotFinite = error else { throw error }
    }
  }

  /// The case, or nil where it is refused with a text.
  private func read(_ bytes: [UInt8]) throws -> CaseFile? {
    guard let contents = try? SafetensorsFile(bytes: bytes) else { return nil }
    do throws(CaseError) {
      return try CaseFile(contents)
    } catch {
      guard !error.description.isEmpty else { throw Unsound(what: "an error without a text") }
      return nil
    }
  }
}
