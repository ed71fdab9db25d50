import Spindle
import SpindleNIR
import TestSupport
import Testing

/// The article's code, compiled and run, and its table of presets.
struct ArticleTests {
  @Test func articleHasTheTestedCode() throws {
    try Articles.holdCode(of: "GraphsInAndOut", module: "SpindleNIR", to: #filePath)
  }

  @Test func inAndOut() throws {
    try withTemporaryDirectory { directory in
      try NIRExport(
        Network(inputs: 2, layers: [.lif(3, spiking: .init(reset: .zero))])
      ).graph.write(to: directory + "/model.nir")
      // Article: GraphsInAndOut
      let graph = try NIRGraph(contentsOf: directory + "/model.nir")
      var options = NIRImportOptions.preset(.snntorch)
      options.reset = .zero
      options.resetTiming = .immediate
      let read = try NIRImport(graph, options)
      print(read.notes.joined(separator: "\n"))
      try read.network.save(to: directory + "/network.safetensors")
      // End of article code

      // Article: GraphsInAndOut
      let network = try Network(contentsOf: directory + "/network.safetensors")
      let export = try NIRExport(network)
      for warning in export.warnings { print(warning) }
      try export.graph.write(to: directory + "/model.nir")
      // End of article code
    }
  }

  @Test func presets() throws {
    let rows = try Articles.text(of: "GraphsInAndOut", module: "SpindleNIR").filter {
      $0.hasPrefix("| `") && !$0.hasPrefix("| ``") && !$0.hasPrefix("| `--")
    }
    let presets = NIRExporter.allCases.map { exporter in
      let options = NIRImportOptions.preset(exporter)
      let cells = [
        "`\(exporter.rawValue)`", "\(options.timeStep)", options.integration.rawValue,
        options.reset.rawValue, options.resetTiming.rawValue, options.spikeRule.rawValue,
        options.gain.map { "\($0)" } ?? "", options.synapseJump ? "yes" : "no",
        options.unitGain ? "yes" : "no",
      ]
      return "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined()
    }
    #expect(rows == presets)
  }
}
