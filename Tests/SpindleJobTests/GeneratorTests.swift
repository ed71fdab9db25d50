import Foundation
import Spindle
import Testing

@testable import SpindleJob

/// The tasks that are computed.
struct GeneratorTests {
  @Test func rectifiedNoiseIsWhatItsEquationsSay() throws {
    let task = RectifiedNoise(
      steps: 300, samples: 20, inputTau: 0.02, targetTau: 0.01, seed: 3)
    let dataset = try task.dataset(timeStep: 1e-3)
    guard case .values(let target) = dataset.targets else {
      Issue.record("no targets")
      return
    }
    let b = exp(-0.1)
    var (sum, squares) = (0.0, 0.0)
    for sample in 0..<20 {
      var y = 0.0
      for (step, x) in dataset[sample].enumerated() {
        y = b * y + (1 - b) * max(0, Double(x))
        #expect(abs(Double(target[sample, step, 0]) - y) < 1e-5)
        sum += Double(x)
        squares += Double(x * x)
      }
    }
    // 6000 numbers of a correlation time of 20 steps: some 150 independent ones.
    #expect(abs(sum / 6000) < 0.35 && abs(squares / 6000 - 1) < 0.5)
    #expect(try task.dataset(timeStep: 1e-3)[7] == dataset[7])
  }

  @Test func theSeriesOfMackeyAndGlassKeepsToItsEquation() throws {
    let dataset = try MackeyGlass(steps: 1000, samples: 2, delay: 17, horizon: 6, seed: 1).dataset()
    guard case .values(let target) = dataset.targets else {
      Issue.record("no targets")
      return
    }
    for sample in 0..<2 {
      let values = dataset[sample]
      for step in 0..<994 { #expect(target[sample, step, 0] == values[step + 6]) }
      let x = values.map { 0.9 + 0.25 * Double($0) }
      #expect(x.allSatisfy { (0.2...1.5).contains($0) })
      for t in 17..<999 {
        let past = x[t - 17]
        let slope = 0.2 * past / (1 + pow(past, 10)) - 0.1 * x[t]
        // The central difference is off by a sixth of the third derivative.
        #expect(abs((x[t + 1] - x[t - 1]) / 2 - slope) < 0.01, "step \(t)")
      }
      let mean = x.reduce(0, +) / 1000
      let deviation = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1000).squareRoot()
      #expect(abs(mean - 0.9) < 0.1 && (0.15...0.35).contains(deviation))
    }
    #expect(dataset[0] != dataset[1])
  }

  @Test func aDelayedCueIsSilentInBetween() throws {
    let task = DelayedCue(
      cues: 3, channels: 2, cueSteps: 4, delaySteps: 6, recallSteps: 5, probability: 1, noise: 0,
      samples: 7, seed: 0)
    let dataset = try task.dataset()
    #expect(dataset.steps == 15 && dataset.units == 8 && dataset.count == 7)
    #expect(dataset.labels?.labels == [0, 1, 2, 0, 1, 2, 0])
    for sample in 0..<7 {
      for step in 0..<15 {
        for unit in 0..<8 {
          let group = unit / 2
          let expected = step < 4 ? group == sample % 3 : step >= 10 && group == 3
          #expect((dataset[sample][step * 8 + unit] == 1) == expected)
        }
      }
    }
  }

  @Test func noiseFiresOtherCuesChannelsDuringTheCueAlone() throws {
    let task = DelayedCue(
      cues: 3, channels: 5, cueSteps: 100, delaySteps: 10, recallSteps: 10, probability: 0,
      noise: 0.25, samples: 60, seed: 9)
    let dataset = try task.dataset()
    var spikes: [Bool: Float] = [:]
    for sample in 0..<60 {
      for (index, value) in dataset[sample].enumerated() {
        let (step, unit) = index.quotientAndRemainder(dividingBy: 20)
        let isNoisy = step < 100 && unit < 15 && unit / 5 != sample % 3
        spikes[isNoisy, default: 0] += value
      }
    }
    #expect(spikes[false] == 0)
    // 60000 draws: a standard deviation of 0.0018.
    let rate = (spikes[true] ?? 0) / 60000
    #expect(abs(rate - 0.25) < 0.009, "\(rate)")
  }

  /// Drawn anew in each epoch, the same for the same seed and epoch.
  @Test func thePatternsNoiseIsNewInEachEpoch() throws {
    let configuration = try JobConfiguration(parsing: Template.tutorial.configurations[0].text)
    let data = try PreparedData(configuration)
    let source = data.training.source
    #expect(source.count == 32 && source.steps == 100 && source.units == 1)
    func spikes(_ epoch: Int) throws -> SpikeTrain? {
      guard case .spikes(let train) = try source.batch(Array(0..<32), epoch: epoch).input else {
        return nil
      }
      return train
    }
    let first = try #require(try spikes(0))
    #expect(try spikes(0) == first)
    #expect(try spikes(1) != first)
    // 3200 draws of 0.4: a standard deviation of 0.0087.
    #expect(abs(first.rate - 0.4) < 0.045)
  }

  /// On data that are a linear function of lagged input the baseline is exact, on others as good as
  /// the analytic limit lets it be.
  @Test func theBaselineFitsWhatIsLinear() throws {
    var random = RandomStream(seed: 5, stream: 1)
    let x = try random.normal(mean: 0, standardDeviation: 1, count: 6 * 50 * 2)
    var y: [Float] = []
    for sample in 0..<6 {
      for step in 0..<50 {
        func input(_ lag: Int, _ unit: Int) -> Float {
          step >= lag ? x[(sample * 50 + step - lag) * 2 + unit] : 0
        }
        y.append(0.5 + 2 * input(0, 0) - 0.25 * input(2, 1))
        y.append(-1 + input(1, 1))
      }
    }
    let dataset = try Dataset(
      x, count: 6, steps: 50, units: 2,
      targets: .values(Tensor(shape: [6, 50, 2], values: y)))
    let exact = try LinearBaseline(fitting: dataset, lags: 3)
    #expect(try exact.meanSquaredError(on: dataset) < 1e-10)
    let short = try LinearBaseline(fitting: dataset, lags: 2)
    // What the third lag would explain is left: 0.25^2 over two outputs.
    let left = try short.meanSquaredError(on: dataset)
    #expect(left > 0.02 && left < 0.04, "\(left)")
  }
}
