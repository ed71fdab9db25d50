import Spindle
import TestSupport
import Testing

/// The Braille letters (Müller-Cleve 2022, doi 10.5281/zenodo.6556273), by the protocol of
/// SpyTorch's tutorial 5.
@Suite(.enabled(if: SharedFiles.braille != nil, "\(SharedFiles.brailleAbsence)"))
struct BrailleTests {
  @Test func protocolOfTheTutorial() throws {
    let path = try #require(SharedFiles.braille)
    let raw = try NumericArray(contentsOf: path, tensor: "taxels")
    let labels = try ClassLabels(NumericArray(contentsOf: path, tensor: "labels"))
    #expect(raw.shape == [1350, 76, 12] && labels.classCount == 27)
    let dataset = try Dataset(raw, targets: .classes(labels))
      .affine(scale: -1.0 / 255, offset: 1).selecting(units: [1, 2, 6, 10])
    let prepared = try dataset.standardized(by: Standardization(of: dataset)).repeatingSteps(2)
    #expect(prepared.shape == [1350, 152, 4])

    // By the formula, in Double, from the bytes.
    let taxels = try raw.floats().map { 1 - Double($0) / 255 }
    for (unit, taxel) in [1, 2, 6, 10].enumerated() {
      let values = stride(from: taxel, to: taxels.count, by: 12).map { taxels[$0] }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      for sample in [0, 7, 1349] {
        let got = prepared[sample]
        for step in 0..<152 {
          let exact = (values[sample * 76 + step / 2] - mean) / square.squareRoot()
          // x, its mean and its deviation are each rounded to Float, a part in 2^24 of numbers
          // below 1, against a deviation of a hundredth at least; then the result.
          let bound = 0x1p-24 * (2 / square.squareRoot() + 3 * abs(exact))
          let error = abs(Double(got[step * 4 + unit]) - exact)
          #expect(!(error > bound), "sample \(sample), step \(step), taxel \(taxel): \(error)")
        }
      }
    }

    let parts = try prepared.split([0.8, 0.2], seed: 42)
    #expect(parts.map(\.count) == [1080, 270])
    var loader = try BatchLoader(parts[0], batch: 100, order: .shuffled(seed: 42))
    var seen: [Int] = []
    while let batch = try loader.next() {
      #expect(batch.input.shape == [seen.count < 1000 ? 100 : 80, 152, 4])
      let numbers = parts[0].identities
      for (place, index) in batch.indices.enumerated() where place % 37 == 0 {
        let values = batch.input.numbers[place * 608..<(place + 1) * 608]
        #expect(Array(values) == prepared[numbers[index]])
        guard case .classes(let classes) = batch.target else { throw Missing() }
        #expect(classes[place] == labels.labels[numbers[index]])
      }
      seen += batch.indices
    }
    #expect(seen.sorted() == Array(0..<1080))
  }

  private struct Missing: Error {}
}
