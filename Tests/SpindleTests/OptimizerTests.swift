import CSpindle
import Spindle
import Testing

/// The optimizers against PyTorch's, and their bits against one another.
struct OptimizerTests {
  /// Eight steps of every configuration on every ISA and on one and two threads.
  @Test func matchesPyTorch() throws {
    let golden = try OptimizerGolden()
    #expect(golden.configurations.count == 13 && golden.shapes.count == 2)
    for (shape, sizes) in golden.shapes {
      for (name, configuration) in golden.configurations {
        var first: [Float]?
        for isa in ISA.supported {
          for threads in 1...2 {
            let run = try OptimizerRun(
              inputs: sizes[0], neurons: sizes[1], threads: threads, isa: raw(isa))
            try follow(golden, "\(shape).\(name)", shape, configuration, run)
            let bits = run.parameters + run.state
            let difference = first.flatMap { firstDifference(bits, $0) }
            #expect(
              difference == nil, "\(shape) \(name), \(isa), \(threads) threads: \(difference!)")
            first = first ?? bits
          }
        }
      }
    }
  }

  private func follow(
    _ golden: OptimizerGolden, _ name: String, _ shape: String,
    _ configuration: OptimizerGolden.Configuration, _ run: OptimizerRun
  ) throws {
    var gradients: [String: [Float]] = [:]
    for parameter in OptimizerRun.names {
      run.set(parameter, to: try golden.floats("\(shape).start.\(parameter)"))
      gradients[parameter] = try golden.floats("\(shape).gradient.\(parameter)")
    }
    let norms = try golden.doubles("\(name).norm")
    for step in 1...norms.count {
      let norm = try run.update(
        configuration.raw,
        gradients: gradients.mapValues {
          let count = $0.count / norms.count
          return Array($0[(step - 1) * count..<step * count])
        })
      // Only gradients of logarithms are rounded: the parameter's error, and one product's.
      let allowed = Double(step + 1) * 0x1p-22 * norms[step - 1]
      #expect(
        !(abs(norm - norms[step - 1]) > allowed), "\(name), step \(step): norm \(norm)")
      guard golden.checked.contains(step) else { continue }
      for parameter in OptimizerRun.names {
        let difference = Difference(
          "\(name).\(step).\(parameter)", run.values(parameter),
          try golden.doubles("\(name).\(step).\(parameter)"))
        // A step rounds the parameter up to three times (decay, product, difference). The update
        // itself is a quotient or sum of a dozen rounded terms, at most a few times the learning
        // rate for Adam and at most rate |g| / (1 - momentum), |g| < 5, for SGD.
        let isPositive = parameter == "tau" || parameter == "threshold"
        let update =
          5 * Double(configuration.learningRate)
          / Double(1 - (configuration.momentum ?? 0)) * (isPositive ? difference.scale : 1)
        let bound = 0x1p-24 * Double(step) * (3 * difference.scale + 12 * update)
        #expect(!(difference.value > bound), "\(difference), more than \(bound)")
      }
    }
  }

  /// More parameters than one task takes, so that threads share the sum of squares and the update.
  @Test(arguments: ["sgd-momentum", "adam-clip-norm", "adamw", "adamax-decay"])
  func sameBitsOnManyThreads(name: String) throws {
    let configuration = try #require(try OptimizerGolden().configurations[name])
    func run(_ threads: Int, _ isa: ISA) throws -> (bits: [Float], norms: [Double]) {
      let run = try OptimizerRun(inputs: 301, neurons: 211, threads: threads, isa: raw(isa))
      var random = RandomStream(seed: 3, stream: 0)
      for parameter in OptimizerRun.names {
        let count = run.values(parameter).count
        run.set(parameter, to: try random.uniform(low: 0.01, high: 1, count: count))
      }
      var norms: [Double] = []
      for _ in 0..<5 {
        var gradients: [String: [Float]] = [:]
        for parameter in OptimizerRun.names {
          gradients[parameter] = try random.normal(
            mean: 0, standardDeviation: 1, count: run.values(parameter).count)
        }
        norms.append(try run.update(configuration.raw, gradients: gradients))
      }
      return (run.parameters + run.state, norms)
    }
    let first = try run(1, .automatic)
    for (threads, isa) in [2, 3, 8].map({ ($0, ISA.automatic) }) + ISA.supported.map({ (2, $0) }) {
      let got = try run(threads, isa)
      let difference = firstDifference(got.bits, first.bits)
      #expect(difference == nil, "\(isa), \(threads) threads: \(difference ?? "")")
      #expect(got.norms == first.norms, "\(isa), \(threads) threads")
    }
  }

  /// Neither infinite steps nor steps to zero leave parameters that are infinite, NaN or, where
  /// they must be positive, zero.
  @Test func hugeStepsLeaveFiniteParameters() throws {
    let golden = try OptimizerGolden()
    for (name, configuration) in golden.configurations {
      let run = try OptimizerRun(inputs: 3, neurons: 5)
      for parameter in OptimizerRun.names {
        run.set(parameter, to: run.values(parameter).map { _ in 0.01 })
      }
      var raw = configuration.raw
      raw.learning_rate = 1e30
      var large: [String: [Float]] = [:]
      for parameter in OptimizerRun.names {
        large[parameter] = run.values(parameter).indices.map { $0 % 2 == 0 ? 1e15 : -1e15 }
      }
      _ = try run.update(raw, gradients: large)
      let areFinite = run.parameters.allSatisfy { $0.isFinite }
      #expect(areFinite, "\(name): \(run.parameters)")
      let arePositive = run.values("tau").allSatisfy { $0 > 0 && $0.isNormal }
      #expect(arePositive, "\(name)")
    }
  }

  /// Where the norm is not finite, or its square too large, nothing moves.
  @Test(arguments: [Float.nan, .infinity, -.infinity, 3e19])
  func refusesGradientsThatAreNotFinite(bad: Float) throws {
    for (name, configuration) in try OptimizerGolden().configurations {
      let run = try OptimizerRun(inputs: 3, neurons: 5)
      let (before, state) = (run.parameters, run.state)
      #expect(throws: OptimizerFailure.self, "\(name)") {
        _ = try run.update(
          configuration.raw, gradients: ["recurrent_weight": (0..<25).map { $0 == 13 ? bad : 1 }])
      }
      #expect(run.parameters == before && run.state == state, "\(name)")
    }
  }

  private func raw(_ isa: ISA) -> spindle_isa {
    switch isa {
    case .automatic: SPINDLE_ISA_AUTOMATIC
    case .baseline: SPINDLE_ISA_BASELINE
    case .avx2: SPINDLE_ISA_AVX2
    case .avx512: SPINDLE_ISA_AVX512
    case .neon: SPINDLE_ISA_NEON
    }
  }
}
