import Foundation
import Spindle
import SpindleHDF5
import Testing

@testable import SpindleNIR

/// What nodes become.
@Suite("Mapping") struct MappingTests {
  private func values(_ network: Network, _ name: String) throws -> [Float] {
    try network.floats(of: name)
  }

  private func decays(_ network: Network, _ role: Role = .tau, layer: Int = 0) throws -> [Float] {
    try values(network, network.parameter(layer: layer, role: role).name).map {
      TimeConstant.decay(tau: $0, timeStep: network.description.timeStep)
    }
  }

  @Test("Both integrations", arguments: NIRImportOptions.Integration.allCases)
  func integrations(integration: NIRImportOptions.Integration) throws {
    let options = NIRImportOptions(timeStep: 1e-3, integration: integration)
    let network = try NIRImport(TestGraphs.chain, options).network
    let wanted = [0.01, 0.02, 0.03].map { tau -> Float in
      Float(integration == .forwardEuler ? 1 - 1e-3 / tau : exp(-1e-3 / tau))
    }
    #expect(try decays(network) == wanted)
    // W = g W_nir^T, g of the target.
    let gains = wanted.map { 1 - Double($0) }
    let weights = try values(network, "0.weight")
    for (index, expected) in [1.0, 3, 5, 2, 4, 6].enumerated() {
      #expect(abs(Double(weights[index]) / (expected * gains[index % 3]) - 1) < 1e-5)
    }
    #expect(network.description.layers[0].connection.bias == nil)
    #expect(network.layers[1].neurons.spiking == nil)
  }

  @Test("The time constant of a decay, to the bit for every decay from a half on")
  func timeConstants() {
    for timeStep in [1e-3, 1e-4, 1.0] {
      // Float32 from a half to 1 in steps of a prime number of units in the last place.
      for bits in stride(from: Float(0.5).bitPattern, to: Float(1).bitPattern, by: 9973) {
        let decay = Float(bitPattern: bits)
        let tau = TimeConstant.tau(decay: Double(decay), timeStep: timeStep)
        #expect(TimeConstant.decay(tau: tau, timeStep: timeStep) == decay, "\(decay)")
      }
      for decay in stride(from: 0.001, to: 0.5, by: 0.00317) {
        let tau = TimeConstant.tau(decay: decay, timeStep: timeStep)
        let found = TimeConstant.decay(tau: tau, timeStep: timeStep)
        #expect(abs(found - Float(decay)) <= 2 * Float(decay).ulp, "\(decay)")
      }
      let ends = [0.0, 1.0].map { TimeConstant.tau(decay: $0, timeStep: timeStep) }
      #expect(ends.map { TimeConstant.decay(tau: $0, timeStep: timeStep) } == [0, 1])
    }
  }

  @Test("A gain within rounding of 1 is 1, and one that is given replaces it") func gains() throws {
    var graph = TestGraphs.chain
    let tau = Double(Float(1e-4 / (1 - 0.9)))
    graph.nodes["lif1"] = TestGraphs.lif(tau: [tau, tau, tau], r: Double(Float(10)))
    var options = NIRImportOptions(timeStep: 1e-4)
    let network = try NIRImport(graph, options).network
    #expect(try values(network, "0.weight") == [1, 3, 5, 2, 4, 6])
    options.gain = 0.5
    #expect(
      try values(NIRImport(graph, options).network, "0.weight") == [0.5, 1.5, 2.5, 1, 2, 3])
  }

  @Test("IF: dt r, or r") func integrateAndFire() throws {
    var graph = TestGraphs.chain
    graph.nodes["lif1"]?.type = "IF"
    graph.nodes["lif1"]?.parameters["tau"] = nil
    graph.nodes["lif1"]?.parameters["v_leak"] = nil
    graph.nodes["lif1"]?.parameters["r"] = TestGraphs.array([2, 2, 2])
    var options = NIRImportOptions(timeStep: 0.25)
    graph.nodes["li"] = TestGraphs.li(tau: [1, 1])
    var network = try NIRImport(graph, options).network
    #expect(try values(network, "0.weight") == [0.5, 1.5, 2.5, 1, 2, 3])
    #expect(try decays(network) == [1, 1, 1])
    options.unitGain = true
    network = try NIRImport(graph, options).network
    #expect(try values(network, "0.weight") == [2, 6, 10, 4, 8, 12])
  }

  @Test("v_leak that is v_reset shifts, v_leak alone is a current") func potentials() throws {
    var graph = TestGraphs.chain
    let options = NIRImportOptions(timeStep: 1e-3)
    graph.nodes["lif1"] = TestGraphs.lif(
      tau: [0.01, 0.01, 0.01], leak: -0.25, threshold: 1, reset: -0.25)
    var read = try NIRImport(graph, options)
    #expect(read.network.layers[0].neurons.spiking?.threshold == .all(1.25))
    #expect(read.potentialOffsets == [[-0.25, -0.25, -0.25], [0, 0]])
    graph.nodes["lif1"] = TestGraphs.lif(tau: [0.01, 0.01, 0.01], leak: 2, reset: nil)
    read = try NIRImport(graph, options)
    #expect(read.potentialOffsets[0] == [0, 0, 0])
    for bias in try values(read.network, "0.bias") { #expect(abs(bias - 0.2) < 1e-6) }
    graph.nodes["lif1"] = TestGraphs.lif(tau: [0.01, 0.01, 0.01], reset: 0.2)
    try refuse(graph, "lif1", "v_reset")
  }

  @Test("At the threshold is above the float below it") func spikeRule() throws {
    let options = NIRImportOptions(timeStep: 1e-3, spikeRule: .at)
    let network = try NIRImport(TestGraphs.chain, options).network
    #expect(try values(network, "0.threshold") == [Float](repeating: Float(1).nextDown, count: 3))
  }

  @Test("Recurrence: full, one-to-one by a Scale, a diagonal and an edge") func recurrence() throws
  {
    let options = NIRImportOptions(timeStep: 1e-3, gain: 1)
    func read(_ node: NIRNode?) throws -> Network {
      var graph = TestGraphs.chain
      graph.nodes["back"] = node
      graph.edges +=
        node == nil ? [NIREdge("lif1", "lif1")] : TestGraphs.edges("lif1", "back", "lif1")
      return try NIRImport(graph, options).network
    }
    let full = try read(TestGraphs.linear([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))
    #expect(full.layers[0].recurrence.topology == .rc)
    #expect(try values(full, "0.recurrent_weight") == [1, 4, 7, 2, 5, 8, 3, 6, 9])
    let scale = try read(
      NIRNode(type: "Scale", parameters: ["scale": TestGraphs.array([1, 2, 3])]))
    #expect(scale.layers[0].recurrence.topology == .oneToOne)
    #expect(try values(scale, "0.recurrent_weight") == [1, 2, 3])
    let diagonal = try read(TestGraphs.linear([[1, 0, 0], [0, 2, 0], [0, 0, 3]]))
    #expect(try values(diagonal, "0.recurrent_weight") == [1, 2, 3])
    #expect(try values(read(nil), "0.recurrent_weight") == [1, 1, 1])
  }

  @Test("Scales fold on either side of a Linear, and biases add") func folding() throws {
    var graph = TestGraphs.chain
    graph.nodes["before"] = NIRNode(
      type: "Scale", parameters: ["scale": TestGraphs.array([10, 100])])
    graph.nodes["after"] = NIRNode(
      type: "Scale", parameters: ["scale": TestGraphs.array([1, 2, 3])])
    graph.nodes["fc1"]?.type = "Affine"
    graph.nodes["fc1"]?.parameters["bias"] = TestGraphs.array([1, 1, 1])
    graph.edges = TestGraphs.edges(
      "input", "before", "fc1", "after", "lif1", "fc2", "li", "output")
    let network = try NIRImport(graph, NIRImportOptions(timeStep: 1e-3, gain: 1)).network
    #expect(try values(network, "0.weight") == [10, 60, 150, 200, 800, 1800])
    #expect(try values(network, "0.bias") == [1, 2, 3])
  }

  @Test("No weights between neurons are an identity") func identity() throws {
    var graph = TestGraphs.chain
    graph.nodes["fc2"] = nil
    graph.nodes["li"] = TestGraphs.li(tau: [0.01, 0.01, 0.01])
    graph.nodes["output"] = TestGraphs.boundary("Output", [1, 3])
    graph.edges = TestGraphs.edges("input", "fc1", "lif1", "li", "output")
    let network = try NIRImport(graph, NIRImportOptions(timeStep: 1e-3, gain: 1)).network
    #expect(try values(network, "1.weight") == [1, 0, 0, 0, 1, 0, 0, 0, 1])
  }

  @Test("Presets are what the exporters' networks do") func presets() throws {
    for exporter in NIRExporter.allCases {
      let options = NIRImportOptions.preset(exporter)
      var graph = TestGraphs.chain
      graph.nodes["lif1"] = TestGraphs.lif(tau: [100, 100, 100])
      graph.nodes["li"] = TestGraphs.li(tau: [100, 100])
      let read = try NIRImport(graph, options)
      let spiking = try #require(read.network.layers[0].neurons.spiking)
      #expect(spiking.reset == options.reset && spiking.resetTiming == options.resetTiming)
      #expect(read.network.description.timeStep == options.timeStep)
      #expect(read.notes.contains { $0.hasPrefix("assumed: time step \(options.timeStep) ") })
    }
  }
}

/// Expects that a graph is refused because of a node, in words.
func refuse(
  _ graph: NIRGraph, _ node: String?, _ words: String...,
  options: NIRImportOptions = .init(timeStep: 1e-3),
  location: SourceLocation = #_sourceLocation
) throws {
  do throws(NIRError) {
    _ = try NIRImport(graph, options)
    Issue.record("it was read", sourceLocation: location)
  } catch {
    if let node {
      guard case .node(node, _) = error else {
        Issue.record("\(error)", sourceLocation: location)
        return
      }
    }
    for word in words {
      #expect("\(error)".contains(word), "\(error)", sourceLocation: location)
    }
  }
}
