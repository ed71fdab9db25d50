import Testing

@testable import SpindleReport

struct NumbersTests {
  @Test func `ticks are 1, 2 or 5 times a power of ten`() {
    #expect(Ticks.step(span: 100, atMost: 10) == 10)
    #expect(Ticks.step(span: 100, atMost: 8) == 20)
    #expect(Ticks.step(counting: 200, atMost: 8) == 50)
    #expect(Ticks.step(counting: 1, atMost: 8) == 1)
    #expect(Ticks.step(span: 0, atMost: 8) == 1)
  }

  @Test(arguments: [(0.01, 0.1), (0.0201, 0.0202), (1e-30, 1e30), (0.3, 0.9), (1, 1e4)])
  func `a logarithmic axis has two to twenty ticks in range`(low: Double, high: Double) {
    let ticks = Ticks.logarithmic(low...high)
    #expect((2...20).contains(ticks.count))
    #expect(ticks.allSatisfy { $0 >= low && $0 <= high })
  }

  @Test func `ranges pass over what is not finite and are never empty`() {
    #expect(Numbers.range(of: [.nan, 1, .infinity], [3]) == 1...3)
    #expect(Numbers.range(of: [.nan]) == 0...1)
    #expect(Numbers.range(of: [2, 2]) == 1...3)
    #expect(Numbers.symmetricRange(of: [-1, 0.5]) == -1...1)
  }

  @Test func `a long run is averaged over blocks of steps`() {
    let map = TimeMap((0..<4002).map { Float($0 / 2) }, steps: 2001, neurons: 2)
    #expect(map.block == 3 && map.columns == 667)
    #expect(map.trace(1).first == 1)
    #expect(map.trace(0).last == 1999)
    #expect(TimeMap([.nan, 1], steps: 2, neurons: 1).block == 1)
  }

  @Test func `a thinned loss curve keeps its extremes`() {
    var losses = [Double](repeating: 1, count: 20_000)
    losses[12_345] = 9
    losses[777] = 0.1
    let curve = LossCurve(losses)
    #expect(curve.raw.count <= LossCurve.mostPoints)
    #expect(curve.raw.contains { $0.epoch == 12_346 && $0.loss == 9 })
    #expect(curve.raw.contains { $0.epoch == 778 && $0.loss == 0.1 })
    #expect(curve.mean.allSatisfy { $0.loss > 0.9 && $0.loss < 1.1 })
  }
}
