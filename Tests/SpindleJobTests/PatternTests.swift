import Spindle
import SpindleTensors
import Testing

@testable import SpindleJob

/// Patterns to generate, and their runs.
struct PatternTests {
  private func configuration(_ changes: String...) throws -> JobConfiguration {
    try JobConfiguration(
      parsing: Template.tutorial.configurations[0].text,
      overrides: changes.map { try Override($0) })
  }

  @Test func aRunTrains() throws {
    let run = try PatternRun(configuration("training.epochs=300"))
    #expect(run.target.shape == [100, 8] && run.network.inputs == 1)
    var told: [Double] = []
    let result = try run.train { epoch, loss in
      told.append(loss)
      #expect(epoch == told.count)
      return true
    }
    #expect(told == result.losses && told.count == 300)
    let (first, last) = (told[..<50].reduce(0, +), told[250...].reduce(0, +))
    #expect(last < first)
    #expect(result.spikes.shape == [32, 100, 8])
    #expect(try run.train { _, _ in true }.losses == told)
    #expect(try run.train { epoch, _ in epoch < 7 }.losses == Array(told[..<7]))
  }

  @Test func onlyPatternsAreRun() throws {
    for change in ["loss=firing_rate_mse", "schedule=cosine"] {
      let changed = try configuration(change)
      #expect(throws: JobError.self) { try PatternRun(changed) }
    }
    #expect(throws: JobError.self) { try PatternRun(.short()) }
  }

  /// A pattern of a file, for both ways to train on it.
  @Test func aPatternOfAFile() throws {
    let scratch = try Folder()
    let values = (0..<60).map { Float($0 % 7) / 7 }
    let path = scratch.path("pattern.safetensors")
    try SafetensorsFile([
      .init("target", shape: [20, 3], values), .init("other", shape: [1], [1 as Float]),
    ]).write(to: path)
    let generator = "data.generator={\"kind\":\"pattern\",\"file\":\"\(path)\"}"
    let three = try configuration(generator, "network.layers.0.neurons=3", "training.epochs=3")
    #expect(try PatternRun(three).target == Tensor(shape: [20, 3], values: values))
    let job = try Job(three)
    #expect(job.shape == (inputs: 1, steps: 20, outputs: 3))
    let other = try configuration(generator)
    let error = #expect(throws: JobError.self) { try Job(other) }
    #expect(error?.description.contains("[20, 8]") == true)
    #expect(throws: JobError.self) {
      try configuration("data.generator={\"kind\":\"pattern\",\"file\":\"x\",\"steps\":3}")
    }
  }
}
