import Foundation
import Spindle
import Testing

/// Chips on the command line: `eval --chips`, `quantize` and `export`.
struct ChipTests {
  /// A run that was trained for a chip.
  private func trained() throws -> TrainTests.Task {
    let task = try TrainTests.Task()
    let hardware =
      #"{"quantize": {"bits": 4}, "mismatch": {"weights": 0.1}, "energy": {"spike": 1}}"#
    try Command([
      "train", task.configuration, "--quiet", "--set", "network.layers.0.hardware=\(hardware)",
      "--set", #"network.layers.1.hardware={"quantize": {"bits": 4}}"#,
    ]).expectSuccess()
    return task
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func measuresOnChips() throws {
    let task = try trained()
    let run = try Command(["eval", task.checkpoint, "--chips", "5", "--json"])
    run.expectSuccess()
    let results = try json(run.output)
    let values = try #require(results["values"] as? [Double])
    #expect(values.count == 5 && results["worst"] as? Double == values.min())
    let again = try Command(["eval", task.checkpoint, "--chips", "5", "--json", "--threads", "3"])
    #expect(again.output == run.output)
    let text = try Command(["eval", task.checkpoint, "--chips", "2", "--mismatch", "0"])
    text.expectRefusal("mismatch")
    try Command(["eval", task.checkpoint, "--mismatch", "0.1"]).expectRefusal("--chips")
    try Command(["eval", task.checkpoint, "--chips", "0"]).expectRefusal("chips")
    let plain = try Command(["eval", task.checkpoint])
    plain.expectSuccess()
    #expect(plain.output.contains("energy per sample: "), "\(plain.output)")
  }

  @Test func sweepsBits() throws {
    let task = try trained()
    let run = try Command(["quantize", task.checkpoint, "--sweep-bits", "4..2"])
    run.expectSuccess()
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.map { String($0.prefix { $0 != " " }) } == ["bits", "float", "4", "3", "2"],
      "\(run.output)")
    for text in ["8..1", "8-2", "", "4..2..3"] {
      try Command(["quantize", task.checkpoint, "--sweep-bits", text]).expectRefusal("--sweep-bits")
    }
    try Command(["quantize", task.checkpoint, "--bits", "4"]).expectRefusal("--output")
  }

  @Test func exportsWhatIsOnAGrid() throws {
    let task = try trained()
    let path = task.scratch.path("five.safetensors")
    let run = try Command(["quantize", task.checkpoint, "--bits", "5", "-o", path])
    #expect(run.status == 0, "\(run.error)")
    let network = try Network(contentsOf: path)
    #expect(network.layers.allSatisfy { $0.hardware.quantization?.bits == 5 })
    let weights = try network.values(of: "1.weight")
    let largest = weights.indices.map { weights[$0].magnitude }.max() ?? 0
    for index in weights.indices {
      let steps = weights[index] / (largest / 15)
      #expect(abs(steps - steps.rounded()) < 1e-4, "\(steps) steps")
    }
    let integers = task.scratch.path("integers.safetensors")
    let folder = task.scratch.path("c")
    let export = try Command([
      "export", path, "--integer", "-o", integers, "--c", folder, "--test-steps", "20",
    ])
    #expect(export.status == 0, "\(export.error)")
    #expect(export.output.contains("network.layers[0]: "), "\(export.output)")
    #expect(try IntegerNetwork(contentsOf: integers).layers.map(\.bits) == [5, 5])
    for name in ["network.h", "network.c", "test_network.c"] {
      #expect(FileManager.default.fileExists(atPath: folder + "/" + name))
    }
    let floats = task.scratch.path("floats")
    try Command(["export", task.checkpoint, "--c", floats]).expectSuccess()
    let text = try String(contentsOfFile: floats + "/network.c", encoding: .utf8)
    #expect(text.contains("static const float weights_0"))
  }

  @Test func refusesWhatCannotBe() throws {
    let task = try TrainTests.Task(epochs: 1)
    try Command(["train", task.configuration, "--quiet"]).expectSuccess()
    let path = task.scratch.path("net.safetensors")
    try Command(["export", task.checkpoint]).expectRefusal("--output")
    try Command(["export", task.checkpoint, "--integer"]).expectRefusal("--output")
    try Command(["export", task.checkpoint, "--integer", "-o", path]).expectRefusal("quantize")
    try Command(["export", task.checkpoint, "--integer", "-o", path, "--scale", "tensor"])
      .expectRefusal("--bits")
    try Command([
      "export", task.checkpoint, "--integer", "-o", path, "--bits", "5", "--scale", "range",
    ]).expectRefusal("--range")
    try Command(["eval", task.checkpoint, "--chips", "3"]).expectRefusal("mismatch")
  }
}
