import SpindleCrossCheck
import SpindleTensors
import TestSupport
import Testing

/// The code of the article on cases: what it writes is a case that the reference completes and both
/// engines agree on.
struct ArticleTests {
  @Test func checkingYourOwnKernel() throws {
    try Articles.holdCode(of: "CheckingYourOwnKernel", to: #filePath)
    var written: CaseFile?
    try withTemporaryDirectory { directory in
      // Article: CheckingYourOwnKernel
      let description = """
        {"format": "spindle-case-2",
         "network": {
           "time_step": 0.001, "inputs": 2,
           "layers": [
             {"kind": "lif", "neurons": 3, "tau": 0.01, "threshold": 1.0, "reset": "subtraction",
              "topology": "FF", "surrogate": {"kind": "fast_sigmoid", "slope": 5.0}}]},
         "loss": {"kind": "mean_rate_mse"}}
        """
      let input: [Float] = (0..<4 * 10 * 2).map { $0 % 3 == 0 ? 1 : 0 }
      let network = try SafetensorsFile(
        [
          .init("input", shape: [4, 10, 2], input),
          .init("0.weight", shape: [2, 3], [0.9, -0.3, 0.4, 0.2, 1.3, 0.6] as [Float]),
          .init("0.tau", shape: [3], [0.01, 0.01, 0.01] as [Float]),
          .init("0.threshold", shape: [3], [1, 1, 1] as [Float]),
          .init("target", shape: [10, 3], [Float](repeating: 0.25, count: 30)),
        ],
        metadata: ["spindle.case": description])
      try network.write(to: directory + "/network.safetensors")
      // End of article code

      written = try CaseFile(contentsOf: directory + "/network.safetensors")
    }
    let golden = try Golden(of: try #require(written))
    #expect(golden.warnings.isEmpty)
    let report = try CrossCheck(isas: [.automatic]).check(golden.file)
    #expect(report.agrees)
    let spikes = try #require(golden.file.contents["expected.spikes"]).floats()
    #expect(spikes.contains(0) && spikes.contains(1), "a case that tells nothing")
  }
}
