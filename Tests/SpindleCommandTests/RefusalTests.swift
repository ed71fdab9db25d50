import Foundation
import Testing

/// Bad input: one sentence, a status that is not zero, no crash, and nothing trained before.
struct RefusalTests {
  private func refuse(
    _ words: String, _ arguments: String..., location: SourceLocation = #_sourceLocation
  ) throws {
    try Command(["tutorial"] + arguments).expectRefusal(words, location)
  }

  @Test func numbers() throws {
    for size in ["0", "-1", "1073741825", "9223372036854775807"] {
      try refuse("batch", "--batch=\(size)")
      try refuse("steps", "--steps=\(size)")
      try refuse("neurons", "--neurons=\(size)")
      try refuse("threads", "--threads=\(size)")
    }
    try refuse("epochs", "--epochs=0")
    try refuse("epochs", "--epochs=-5")
    try refuse("threads", "--threads=1000")
    for rate in ["nan", "inf", "-0.1"] { try refuse("learning_rate", "--learning-rate=\(rate)") }
    for hidden in ["", ",", "0", "8,,8", "-4", "x", "8.5"] {
      try refuse("--hidden", "--hidden=\(hidden)")
    }
    try refuse("'--epochs", "--epochs=many")
    try refuse("'--seed", "--seed=-1")
    try refuse("'--batch", "--batch=99999999999999999999")
  }

  /// Sparse files of far more than memory: a sentence, whatever reads them.
  @Test func filesLargerThanMemory() throws {
    let scratch = try Scratch()
    func sparse(_ name: String) throws -> String {
      let path = scratch.path(name)
      try Data().write(to: URL(fileURLWithPath: path))
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.truncate(atOffset: 1 << 43)
      try file.close()
      return path
    }
    let tensors = try sparse("a.safetensors")
    for arguments in [
      ["eval", tensors], ["resume", tensors], ["predict", tensors, "--input", "x.npy"],
      ["tutorial", "--target", tensors], ["tutorial", "--target", try sparse("a.npy")],
      ["train", try sparse("a.json")],
    ] {
      let refused = try Command(arguments)
      refused.expectRefusal("TiB of memory are needed to read it")
      #expect(refused.status == 2)
    }
    let check = try Command(["crosscheck", tensors])
    #expect(!check.wasKilled && check.status == 2)
    #expect(check.error.contains("of memory are needed to read it"))
  }

  @Test func choices() throws {
    try refuse("'--pattern", "--pattern=triangle")
    try refuse("'--topology", "--topology=cnn")
    try refuse("'--isa", "--isa=foo")
    try refuse("instruction set", "--isa=\(Self.missingISA)")
    try refuse("--nonsense", "--nonsense")
    try Command(["tutorial"], environment: ["SPINDLE_ISA": "foo"]).expectRefusal("\"foo\"")
    try Command(["info"], environment: ["SPINDLE_ISA": "foo"]).expectRefusal("\"foo\"")
  }

  @Test func plans() throws {
    for (words, option) in [
      ("inputs", "--inputs=0"), ("layers[0].neurons", "--neurons=0"),
      ("batch", "--batch=0"), ("steps", "--steps=0"), ("threads", "--threads=257"),
      ("from 0 to 1, got nan", "--density=nan"), ("from 0 to 1, got 1.5", "--density=1.5"),
      ("'--sums", "--sums=some"), ("'--layout", "--layout=columns"),
      ("'--memory", "--memory=some"), ("the memory limit", "--memory-limit=0"),
    ] {
      let arguments = ["info", "--plan", "--inputs=4", "--neurons=4", option]
      try Command(arguments).expectRefusal(words)
    }
  }

  /// An instruction set that this architecture never has.
  private static var missingISA: String {
    #if arch(x86_64)
      "neon"
    #else
      "avx2"
    #endif
  }

  @Test func absurdSizes() throws {
    try refuse("memory", "--batch=1048576", "--steps=1048576")
    try refuse("memory", "--steps=1073741824")
    try refuse("memory", "--neurons=1000000")
    try refuse("memory", "--hidden=1000000")
    try refuse("does not fit", "--neurons=1073741824")
    try refuse(
      "does not fit", "--batch=1073741824", "--steps=1073741824", "--topology=ff",
      "--neurons=60000")
    try refuse("network.layers[0].neurons", "--hidden=9223372036854775807")
  }

  /// A rate with which updates could overflow is refused, and no results are written.
  @Test func learningRate() throws {
    let scratch = try Scratch()
    let run = try Command([
      "tutorial", "--epochs=50", "--quiet", "--learning-rate=3e38",
      "--json=\(scratch.path("r.json"))",
    ])
    run.expectRefusal("to 1e+30 within the range of float32 for optimizer.learning_rate")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("r.json")))
  }

  @Test func targets() throws {
    let scratch = try Scratch()
    func file(_ name: String, _ data: Data) throws -> String {
      try data.write(to: URL(fileURLWithPath: scratch.path(name)))
      return "--target=" + scratch.path(name)
    }
    let good = npyFile([0, 0.5, 1, 0.25], shape: "(2, 2)")
    try refuse("missing.npy", "--target=\(scratch.path("missing.npy"))")
    try refuse("missing.safetensors", "--target=\(scratch.path("missing.safetensors"))")
    try refuse("must end in", try file("t.txt", good))
    for count in [0, 5, 40, good.count - 1] {
      try refuse("cut.npy", try file("cut.npy", good.prefix(count)))
      try refuse("cut.safetensors", try file("cut.safetensors", good.prefix(count)))
    }
    try refuse(
      "nan.npy must be finite", try file("nan.npy", npyFile([0, .nan, 0, 0], shape: "(2, 2)")))
    for bad in [-0.5, 2] as [Float] {
      try refuse(
        "step 1, neuron 0", try file("bad.npy", npyFile([0, 0, bad, 0], shape: "(2, 2)")))
    }
    try refuse("[steps, neurons]", try file("flat.npy", npyFile([0, 0], shape: "(2,)")))
    try refuse("[steps, neurons]", try file("empty.npy", npyFile([], shape: "(0, 2)")))
    try refuse("--steps is 3", try file("good.npy", good), "--steps=3")
    try refuse("--neurons is 8", try file("good.npy", good), "--neurons=8")
    try refuse("folder.npy", "--target=\(scratch.path("folder.npy"))")
  }

  @Test func placesToWrite() throws {
    let scratch = try Scratch()
    try Data().write(to: URL(fileURLWithPath: scratch.path("file")))
    for path in [
      "\(scratch.path("none"))/r.json", "\(scratch.path("file"))/r.json", "/proc/r.json",
    ] {
      try refuse("cannot write \(path)", "--json=\(path)")
    }
    try refuse("cannot write", "--json=\(scratch.path(""))")
    try refuse("'--json", "--json=")
    try refuse("'--report", "--report=")
    for path in [scratch.path("file"), "\(scratch.path("file"))/report", "/proc/report"] {
      try refuse("directory '\(path)'", "--report=\(path)")
    }
  }
}
