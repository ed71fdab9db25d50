import Foundation
import SpindleTensors
import Testing

/// What a run of `spindle tutorial` writes.
struct TutorialTests {
  /// The JSON of a short run.
  private func results(_ arguments: [String], epochs: Int = 20) throws -> [String: Any] {
    let scratch = try Scratch()
    let path = scratch.path("results.json")
    let run = try Command(
      ["tutorial", "--epochs", "\(epochs)", "--quiet", "--json", path] + arguments)
    run.expectSuccess()
    #expect(run.output.isEmpty, "--quiet printed \(run.output)")
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func losses(_ arguments: [String], epochs: Int = 20) throws -> [String] {
    try #require(try results(arguments, epochs: epochs)["losses"] as? [String])
  }

  @Test func jsonHasItsKeys() throws {
    let json = try results(["--seed", "7", "--threads", "2", "--isa", "baseline"])
    #expect(
      Set(json.keys) == [
        "losses", "final_loss", "last50_mean_loss", "mse", "mae", "training_seconds",
        "epochs_per_second", "input_weights", "recurrent_weights", "seed", "threads", "isa",
      ])
    for name in ["input_weights", "recurrent_weights"] {
      let statistics = try #require(json[name] as? [String: Double])
      #expect(Set(statistics.keys) == ["mean", "std"])
    }
    let losses = try #require(json["losses"] as? [String]).map { try #require(Double($0)) }
    #expect(losses.count == 20)
    let final = try #require(json["final_loss"] as? Double)
    #expect(abs(final - losses[19]) < 1e-15)
    let mean = losses.reduce(0, +) / 20
    #expect(abs(try #require(json["last50_mean_loss"] as? Double) - mean) < 1e-15)
    #expect(json["seed"] as? Int == 7)
    #expect(json["threads"] as? Int == 2)
    #expect(json["isa"] as? String == "baseline")
  }

  @Test func sameBitsWhateverRuns() throws {
    let options = [["--batch", "40"], ["--hidden", "20", "--batch", "40"]]
    for option in options {
      let first = try losses(option + ["--threads", "1"])
      for threads in ["2", "3", "8"] {
        #expect(try losses(option + ["--threads", threads]) == first, "\(threads) threads")
      }
      let info = try Command(["info"]).output
      let isas = ["baseline", "avx2", "avx512", "neon"].filter { info.contains($0) }
      #expect(!isas.isEmpty)
      for isa in isas { #expect(try losses(option + ["--isa", isa]) == first, "\(isa)") }
      #expect(try losses(option + ["--seed", "2"]) != first, "the seed changes nothing")
    }
  }

  @Test(arguments: [
    ["--pattern", "square"], ["--pattern", "rhythm"], ["--hidden", "32"], ["--hidden", "8,8"],
    ["--topology", "ff"], ["--neurons", "20"], ["--steps", "300"], ["--learning-rate", "0.01"],
  ])
  func optionsChangeTheJobAndTrain(options: [String]) throws {
    let losses = try losses(options, epochs: 300).map { Double($0) ?? .nan }
    let (first, last) = (losses[..<50].reduce(0, +), losses[250...].reduce(0, +))
    #expect(last < first, "\(options): no better than at the start")
    let plain = try results([])["final_loss"] as? Double
    #expect(losses[19] != plain, "\(options) did nothing")
  }

  @Test func ownTargets() throws {
    let scratch = try Scratch()
    let values = (0..<60).map { Float($0 % 7) / 7 }
    let (npy, tensors) = (scratch.path("t.npy"), scratch.path("t.safetensors"))
    try npyFile(values, shape: "(20, 3)").write(to: URL(fileURLWithPath: npy))
    try SafetensorsFile([.init("target", shape: [20, 3], values)]).write(to: tensors)
    let first = try losses(["--target", npy])
    #expect(try losses(["--target", tensors, "--steps", "20", "--neurons", "3"]) == first)
    #expect(try losses(["--steps", "20", "--neurons", "3"]) != first)
  }

  @Test func feedForwardHasNoRecurrentWeights() throws {
    #expect(try results(["--topology", "ff"])["recurrent_weights"] == nil)
  }

  @Test func printsLikeThePublishedText() throws {
    let run = try Command(["tutorial", "--epochs", "400"])
    run.expectSuccess()
    for words in [
      "Epoch 200, Loss: 0.", "Epoch 400, Loss: 0.", "trained 400 epochs", "MSE", "MAE",
      "input weights: mean", "recurrent weights: mean",
    ] {
      #expect(run.output.contains(words), "\(run.output)")
    }
  }

  @Test func writesAReport() throws {
    let scratch = try Scratch()
    let folder = scratch.path("new/report")
    let run = try Command(["tutorial", "--epochs", "20", "--report", folder])
    #expect(run.status == 0 && !run.wasKilled, "\(run.error)")
    let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
    #expect(page.contains("</html>"))
  }

  /// SIGINT ends training cleanly, with what was learned so far.
  @Test func interrupt() throws {
    let scratch = try Scratch()
    let (json, report) = (scratch.path("r.json"), scratch.path("report"))
    let run = try Command(
      ["tutorial", "--epochs", "100000000", "--json", json, "--report", report]
    ) { process in
      // The report's folder is made just before training begins.
      let deadline = Date(timeIntervalSinceNow: 20)
      while !FileManager.default.fileExists(atPath: report), Date() < deadline { usleep(10_000) }
      usleep(1_000_000)
      process.interrupt()
    }
    #expect(run.status == 0 && !run.wasKilled, "status \(run.status): \(run.error)")
    #expect(run.output.contains("ended early after"))
    let data = try Data(contentsOf: URL(fileURLWithPath: json))
    let results = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(try #require(results["losses"] as? [String]).count > 0)
    #expect(FileManager.default.fileExists(atPath: report + "/report.html"))
  }
}

/// A .npy file of version 1.0.
func npyFile(_ values: [Float], shape: String) -> Data {
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
  header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
  var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
  data += [UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)]
  data += Array(header.utf8)
  for value in values {
    let bits = value.bitPattern
    data += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
  }
  return data
}
