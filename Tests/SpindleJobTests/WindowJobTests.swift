import Spindle
import Testing

@testable import SpindleJob

/// A long recording, trained on in windows.
struct WindowJobTests {
  private static func configuration(_ window: String) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: """
        {
          "network": {"time_step": 0.001, "layers": [
            {"kind": "lif", "neurons": 40, "tau": 0.01, "topology": "RC",
             "surrogate": {"kind": "fast_sigmoid", "slope": 5},
             "weights": {"kind": "normal", "standard_deviation": 0.5},
             "bias": {"kind": "normal", "standard_deviation": 0.3}},
            {"kind": "li", "neurons": 1, "tau": 0.005,
             "weights": {"kind": "kaiming_normal", "gain": 0.1}, "bias": 0}]},
          "data": {"generator": {"kind": "mackey_glass", "steps": 3000, "samples": 4}},
          "loss": "membrane_mse",
          "optimizer": {"kind": "adam", "learning_rate": 0.003},
          "training": {"epochs": 4, "batch": 4, "seed": 2, "window": \(window)}
        }
        """)
  }

  private static func loss(_ window: String) throws -> Double {
    let result = try Job(try configuration(window)).train()
    return try #require(result.fit.history.last).loss
  }

  @Test func carriedStateForetellsBetterThanNone() throws {
    let carried = try Self.loss("{\"steps\": 20}")
    let reset = try Self.loss("{\"steps\": 20, \"carry\": \"none\"}")
    #expect(carried < 0.8 * reset, "\(carried) with, \(reset) without")
    let run = try Self.loss("{\"steps\": 20, \"update_every\": 3, \"carry\": \"run\"}")
    #expect(run < reset, "\(run) from epoch to epoch, \(reset) without")
  }

  @Test func windowsAreRefusedThatDoNotFit() throws {
    func expectRefusal(_ window: String, _ words: String) {
      do {
        _ = try Job(try Self.configuration(window))
        Issue.record("no error about \(words)")
      } catch {
        let text = String(describing: error)
        #expect(text.contains(words), "\(text)")
      }
    }
    expectRefusal("{\"steps\": 3001}", "training.window.steps")
    expectRefusal("{}", "steps")
    expectRefusal("{\"steps\": 3, \"carry\": \"all\"}", "training.window.carry")
    expectRefusal("{\"steps\": 3, \"update_every\": 0}", "training.window.update_every")
  }

  @Test func memoryIsConfigured() throws {
    let network = try Self.configuration("{\"steps\": 20}").changed(by: [
      try Override("execution.memory=segments"), try Override("execution.memory_limit=1000000"),
    ])
    #expect(network.execution.memory == .segments && network.execution.memoryLimit == 1_000_000)
    #expect(throws: JobError.self) {
      _ = try network.changed(by: [try Override("execution.memory=some")])
    }
  }
}
