import Foundation
import Spindle
import SpindleNIR
import Testing

/// `spindle import` and `spindle export`.
struct GraphTests {
  private func network(_ path: String) throws -> Network {
    let network = try Network(
      inputs: 3,
      layers: [
        .lif(4, spiking: .init(refractorySteps: 1), recurrence: .rc()), .li(2, tau: 0.02),
      ], seed: 3)
    try network.save(to: path)
    return network
  }

  private func contents(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test func roundTrip() throws {
    let scratch = try Scratch()
    let (file, graph, again) = (
      scratch.path("network.safetensors"), scratch.path("model.nir"),
      scratch.path("again.safetensors")
    )
    _ = try network(file)
    let exported = try Command(["export", file, "-o", graph])
    #expect(exported.status == 0 && exported.output == "\(graph): 7 nodes\n")
    #expect(exported.error.contains("warning: layers[0]: a spike subtracts the threshold"))
    #expect(exported.error.contains("refractory"))
    let imported = try Command(["import", graph, "-o", again])
    imported.expectSuccess()
    #expect(imported.output.contains("3 -> 4 -> 2"))
    #expect(try contents(again) == contents(file))
    let read = try Command([
      "import", graph, "-o", again, "--from", "snntorch", "--ignore-metadata", "--reset", "zero",
    ])
    read.expectSuccess()
    #expect(read.output.contains("assumed: time step 0.0001"))
    #expect(read.output.contains("reset to zero one step later"))
    let network = try Network(contentsOf: again)
    #expect(network.layers[0].neurons.spiking?.reset == .zero)
    #expect(network.layers[0].neurons.spiking?.resetTiming == .delayed)
    #expect(network.description.timeStep == 1e-4)
  }

  @Test func optionsSayWhatTheGraphDoesNot() throws {
    let scratch = try Scratch()
    let (file, graph) = (scratch.path("network.safetensors"), scratch.path("model.nir"))
    _ = try network(file)
    let exported = try Command([
      "export", file, "-o", graph, "--for", "norse", "--time-step", "1e-3",
    ])
    #expect(exported.status == 0 && exported.error.contains("Norse 1.1.0 does not import LI"))
    try Command(["import", graph, "-o", file]).expectRefusal("does not say its time step")
    try Command(["import", graph, "-o", file, "--reset", "zero"]).expectRefusal("--time-step")
    let read = try Command([
      "import", graph, "-o", file, "--time-step", "1e-3", "--integration", "exponential-euler",
      "--reset", "subtraction", "--reset-timing", "delayed", "--spike-rule", "at", "--gain", "0.5",
      "--synapse-jump", "--unit-gain",
    ])
    read.expectSuccess()
    for words in ["exponential", "subtraction one step later", "at or above", "gain 0.5", "w_in"] {
      #expect(read.output.contains(words), "\(read.output)")
    }
  }

  @Test func refusals() throws {
    let scratch = try Scratch()
    let (file, graph) = (scratch.path("network.safetensors"), scratch.path("model.nir"))
    _ = try network(file)
    #expect(try Command(["export", file, "-o", graph]).status == 0)
    func refuse(_ words: String, _ arguments: String...) throws {
      let command = try Command(arguments)
      command.expectRefusal(words)
      #expect(command.status == 2)
    }
    try refuse("HDF5", "import", file, "-o", file)
    try refuse("cannot open", "import", scratch.path("nowhere.nir"), "-o", file, "--from", "norse")
    try refuse("cannot write", "import", graph, "-o", "/nowhere/x.safetensors")
    let unknown = try Command(["import", graph, "-o", file, "--from", "brian"])
    #expect(unknown.status == 2 && unknown.error.contains("snntorch"), "\(unknown.error)")
    try refuse("time step", "import", graph, "-o", file, "--ignore-metadata", "--time-step", "0")
    try refuse("time step", "export", file, "-o", graph, "--time-step=-1")
    try refuse("cannot write", "export", file, "-o", "/nowhere/x.nir")
    var broken = try NIRGraph(contentsOf: graph)
    broken.nodes["1.lif"]?.parameters["tau"] = nil
    try broken.write(to: graph)
    try refuse(
      "\(graph): node \"1.lif\": it lacks tau", "import", graph, "-o", file, "--from", "norse")
  }
}
