import Spindle
import SpindleHDF5
import Testing

@testable import SpindleNIR

/// Graphs that make no network.
@Suite("Refusals") struct RefusalTests {
  @Test("Edges") func edges() throws {
    var graph = TestGraphs.chain
    graph.edges.append(NIREdge("fc1", "nowhere"))
    try refuse(graph, nil, "\"fc1\" -> \"nowhere\"", "\"lif1\"")
    graph = TestGraphs.chain
    graph.edges.append(graph.edges[0])
    try refuse(graph, nil, "twice")
    graph = TestGraphs.chain
    graph.edges.append(NIREdge("li", "input"))
    try refuse(graph, "input", "leads to the Input")
    graph = TestGraphs.chain
    graph.edges.append(NIREdge("output", "fc1"))
    try refuse(graph, nil, "fc1")
    graph = TestGraphs.chain
    graph.edges.removeAll { $0.target == "output" }
    try refuse(graph, "li", "no edge leads from it")
    graph = TestGraphs.chain
    graph.nodes["more"] = TestGraphs.linear([[1]])
    try refuse(graph, "more", "no edge leads to it")
    graph.edges.append(NIREdge("more", "more"))
    try refuse(graph, nil, "\"more\" -> \"more\"", "without neurons")
    try refuse(NIRGraph(nodes: [:], edges: []), nil, "Input")
  }

  @Test("Nodes that are no chain") func chains() throws {
    // A loop over two layers.
    var graph = TestGraphs.chain
    graph.nodes["li"] = TestGraphs.lif(tau: [0.01, 0.01])
    graph.nodes["far"] = TestGraphs.linear([[1, 2], [3, 4], [5, 6]])
    graph.edges += TestGraphs.edges("li", "far", "lif1")
    try refuse(graph, "lif1", "\"far\"", "\"fc1\"")
    // Two ways back.
    graph = TestGraphs.chain
    graph.nodes["back"] = NIRNode(
      type: "Scale", parameters: ["scale": TestGraphs.array([1, 2, 3])])
    graph.edges += TestGraphs.edges("lif1", "back", "lif1") + [NIREdge("lif1", "lif1")]
    try refuse(graph, "lif1", "feed it")
    // Two ways on, to different neurons.
    graph = TestGraphs.chain
    graph.nodes["fc3"] = TestGraphs.linear([[1, 2, 3]])
    graph.nodes["other"] = TestGraphs.li(tau: [0.01])
    graph.edges += TestGraphs.edges("lif1", "fc3", "other")
    try refuse(graph, "lif1", "\"fc2\"", "\"fc3\"")
    // Integrators before neurons.
    graph = TestGraphs.chain
    graph.nodes["lif1"] = TestGraphs.li(tau: [0.01, 0.01, 0.01])
    try refuse(graph, "lif1", "must be the last")
    // A Threshold without an integrator.
    graph = TestGraphs.chain
    graph.nodes["t"] = NIRNode(
      type: "Threshold", parameters: ["threshold": TestGraphs.array([1, 1, 1])])
    graph.edges = TestGraphs.edges("input", "fc1", "t", "lif1", "fc2", "li", "output")
    try refuse(graph, "t", "LI")
    // Weights at the end.
    graph = TestGraphs.chain
    graph.edges = TestGraphs.edges("input", "fc1", "lif1", "fc2", "output")
    graph.nodes["li"] = nil
    try refuse(graph, "fc2", "no neurons follow")
    // Two matrices in a row.
    graph = TestGraphs.chain
    graph.nodes["fc3"] = TestGraphs.linear([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    graph.edges = TestGraphs.edges("input", "fc1", "fc3", "lif1", "fc2", "li", "output")
    try refuse(graph, "fc3", "\"fc1\"")
  }

  @Test("Shapes and numbers") func numbers() throws {
    var graph = TestGraphs.chain
    graph.nodes["input"] = TestGraphs.boundary("Input", [3])
    try refuse(graph, "input", "[3]", "2")
    graph.nodes["input"] = TestGraphs.boundary("Input", [.max, .max, 2])
    try refuse(graph, "input", "shape")
    graph.nodes["input"] = TestGraphs.boundary("Input", [7, 2])
    _ = try NIRImport(graph, NIRImportOptions(timeStep: 1e-3))
    graph.nodes["fc2"] = TestGraphs.linear([[1, 2], [3, 4]])
    try refuse(graph, "fc2", "takes 2", "\"lif1\" gives 3")
    graph = TestGraphs.chain
    graph.nodes["fc1"] = TestGraphs.linear([[1, 2], [3, .nan], [5, 6]])
    try refuse(graph, "fc1", "weight[1][1] is nan")
    graph.nodes["fc1"] = NIRNode(
      type: "Linear", parameters: ["weight": TestGraphs.array([1, 2])])
    try refuse(graph, "fc1", "[O, I]")
    for shape in [[], [6], [2, 2], [Int.max, 2], [-1, 2]] {
      graph.nodes["fc1"]?.parameters["weight"] = NIRArray(shape: shape, .float64([1, 2]))
      try refuse(graph, "fc1")
    }
    graph = TestGraphs.chain
    graph.nodes["lif1"] = TestGraphs.lif(tau: [0.01, 0, 0.01])
    try refuse(graph, "lif1", "tau of neuron 1 is 0.0")
    graph.nodes["lif1"] = TestGraphs.lif(tau: [0.01, 0.01, 0.01], r: 1e300)
    try refuse(graph, "lif1", "gain")
    graph.nodes["lif1"] = TestGraphs.lif(tau: [0.01, 0.01, 0.01], threshold: 1e300)
    try refuse(graph, "lif1", "threshold")
    graph = TestGraphs.chain
    graph.nodes["lif1"]?.parameters["refractory"] = TestGraphs.array([1])
    try refuse(graph, "lif1", "refractory")
    graph.nodes["lif1"] = NIRNode(type: "Conv1d")
    try refuse(graph, "lif1", "Conv1d", "not supported")
  }

  @Test("A single number spreads, a list of one does not") func scalars() throws {
    var graph = TestGraphs.chain
    for key in ["tau", "r", "v_leak", "v_threshold"] {
      graph.nodes["lif1"]?.parameters[key] = NIRArray(shape: [], .float64([1]))
    }
    graph.nodes["lif1"]?.parameters["v_reset"] = nil
    #expect(
      try NIRImport(graph, NIRImportOptions(timeStep: 1e-3)).network.neuronCounts == [3, 2])
    graph.nodes["lif1"]?.parameters["tau"] = TestGraphs.array([1])
    try refuse(graph, "lif1", "1 neurons", "3")
  }

  @Test("v_leak behind a filter would need another current") func filteredLeak() throws {
    var graph = TestGraphs.chain
    var node = TestGraphs.lif(tau: [0.01, 0.01, 0.01], leak: 0.5)
    node.type = "CubaLIF"
    node.parameters["tau_mem"] = node.parameters["tau"]
    node.parameters["tau_syn"] = node.parameters.removeValue(forKey: "tau")
    graph.nodes["lif1"] = node
    try refuse(graph, "lif1", "v_leak", "filter")
  }

  @Test("Options") func options() throws {
    for timeStep in [0, -1, .nan, .infinity, 1e-320, 1e300] {
      #expect(throws: NIRError.self, "\(timeStep)") {
        try NIRImport(TestGraphs.chain, NIRImportOptions(timeStep: timeStep))
      }
    }
    #expect(throws: NIRError.self) {
      try NIRImport(TestGraphs.chain, NIRImportOptions(timeStep: 1e-3, gain: .nan))
    }
    #expect(throws: NIRError.self) { try NIRImport(TestGraphs.chain, nil) }
  }

  @Test("Groups that are linked twice, and names of metadata") func files() throws {
    #expect(throws: NIRError.notNIR("the file has no group \"node\"")) {
      try NIRGraph(bytes: HDF5File.encoded([:]))
    }
    #expect(throws: NIRError.self) {
      try NIRGraph(bytes: HDF5File.encoded(["node": .group(["type": .text("LIF")])]))
    }
    #expect(throws: NIRError.self) { try NIRGraph(contentsOf: "/nowhere/x.nir") }
    var graph = TestGraphs.chain
    graph.metadata["note"] = "é"
    let read = try NIRGraph(bytes: graph.encoded())
    #expect(read.metadata == ["note": "é"])
    #expect(Set(read.edges) == Set(graph.edges) && read.nodes.count == graph.nodes.count)
    graph.nodes["inner"] = NIRNode(type: "NIRGraph", graph: TestGraphs.chain)
    #expect(try NIRGraph(bytes: graph.encoded()).nodes["inner"]?.graph?.nodes.count == 6)
  }
}
