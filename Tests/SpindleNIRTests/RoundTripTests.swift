import Foundation
import Spindle
import SpindleHDF5
import Testing

@testable import SpindleNIR

/// Networks written as graphs, and read again.
@Suite("Export") struct RoundTripTests {
  /// Every option that a graph can and cannot say.
  static let networks: [String: NetworkDescription] = [
    "plain": NetworkDescription(inputs: 3, layers: [.lif(5, spiking: .init(reset: .zero))]),
    "subtraction, delayed": NetworkDescription(
      timeStep: 5e-4, inputs: 3,
      layers: [
        .lif(
          4, tau: [0.01, 0.02, 0.003, 1], spiking: .init(resetTiming: .delayed, refractorySteps: 2),
          recurrence: .rc(), connection: Connection(bias: .constant(0.25), dropout: 0.1)),
        .li(2, tau: 0.02, connection: Connection(bias: .constant(-1))),
      ]),
    "filters, one-to-one": NetworkDescription(
      inputs: 2,
      layers: [
        .lif(
          3, tau: 0.01, synapticTau: [0.005, 0.004, 0.1],
          spiking: .init(
            threshold: [0.5, 1, 2], reset: .zero, adaptation: .init(strength: 0.2, tau: 0.1)),
          recurrence: .oneToOne(.constant(0.5)), learned: [.weight, .bias, .tau, .threshold]),
        .li(2, synapticTau: 0.01),
      ]),
    "no reset": NetworkDescription(
      inputs: 2, layers: [.lif(3, spiking: .init(reset: .none), recurrence: .rc())]),
    "ends": NetworkDescription(
      inputs: 1, layers: [.lif(3, tau: [1e-6, 1e9, 0.5], spiking: .init(reset: .zero))]),
  ]

  /// A network after some training, as it were: numbers that no description says.
  private func network(_ name: String) throws -> Network {
    var network = try Network(try #require(Self.networks[name]), seed: 7)
    for parameter in network.parameters where parameter.name.hasSuffix("tau") {
      try network.withValues(of: parameter.name) { span in
        for index in span.indices { span[index] *= 1.0001 }
      }
    }
    return network
  }

  private func bits(_ network: Network) throws -> [String: [UInt32]] {
    var bits: [String: [UInt32]] = [:]
    for parameter in network.parameters {
      bits[parameter.name] = try network.floats(of: parameter.name).map(\.bitPattern)
    }
    return bits
  }

  @Test("Our own come back to the bit", arguments: networks.keys.sorted())
  func lossless(name: String) throws {
    let network = try network(name)
    for timeStep in [nil, 1e-3, 0.25] {
      let export = try NIRExport(network, NIRExportOptions(timeStep: timeStep))
      let bytes = try export.graph.encoded()
      // Whether options are given or not: they are not needed.
      for options in [nil, NIRImportOptions.preset(.snntorch)] {
        let read = try NIRImport(NIRGraph(bytes: bytes), options)
        #expect(read.network.description == network.description)
        #expect(try bits(read.network) == bits(network))
      }
      #expect(try export.graph.encoded() == bytes)
    }
  }

  /// Weights and decays, of a reader who knows the time step and the reset alone.
  @Test("Others get the weights and decays to the bit", arguments: networks.keys.sorted())
  func others(name: String) throws {
    let network = try network(name)
    let export = try NIRExport(network)
    let options = NIRImportOptions(timeStep: 1e-4, obeysMetadata: false)
    let read = try NIRImport(export.graph, options).network
    for parameter in network.parameters
    where parameter.role != .adaptationTau
      && parameter.role != .adaptationStrength
    {
      let (ours, theirs) = (
        try network.floats(of: parameter.name), try read.floats(of: parameter.name)
      )
      for index in ours.indices {
        if parameter.role.isTau {
          let decays = (
            TimeConstant.decay(tau: ours[index], timeStep: network.description.timeStep),
            TimeConstant.decay(tau: theirs[index], timeStep: 1e-4)
          )
          // Below a half a decay may have no time constant of its own.
          let tolerance = decays.0 < 0.5 ? 2 * decays.0.ulp : 0
          #expect(abs(decays.0 - decays.1) <= tolerance, "\(parameter.name)[\(index)]")
        } else {
          #expect(ours[index] == theirs[index], "\(parameter.name)[\(index)]")
        }
      }
    }
  }

  @Test("1 - dt / tau gives back every decay of float32 to the bit") func decays() throws {
    for bits in stride(from: Float(0.01).bitPattern, to: Float(1).bitPattern, by: 9973) {
      let decay = Float(bitPattern: bits)
      let tau = 1e-4 / (1 - Double(decay))
      #expect(Float(1 - 1e-4 / tau) == decay)
    }
  }

  @Test("A graph that was changed is read by its arrays") func changed() throws {
    let network = try network("subtraction, delayed")
    let graph = try NIRExport(network).graph
    let options = NIRImportOptions(timeStep: 1e-4)
    func expectChanged(_ words: String, _ change: (inout NIRGraph) -> Void) throws {
      var other = graph
      change(&other)
      let read = try NIRImport(NIRGraph(bytes: other.encoded()), options)
      #expect(read.network.layers[0].neurons.spiking?.reset == .zero)
      #expect(
        read.notes.contains {
          $0.contains("was not obeyed") && (words.isEmpty || $0.contains(words))
        })
      #expect(throws: NIRError.self) { try NIRImport(NIRGraph(bytes: other.encoded()), nil) }
    }
    try expectChanged("v_threshold of node \"1.lif\"") {
      $0.nodes["1.lif"]?.parameters["v_threshold"] = TestGraphs.array([1, 1, 1, 2])
    }
    try expectChanged("\"3\"") {
      $0.nodes["3"]?.type = "LI"
      $0.nodes["3"]?.parameters["tau"] = TestGraphs.array([1, 1])
    }
    try expectChanged("\"1.w_rec\"") {
      $0.edges.removeAll { $0.source == "1.w_rec" || $0.target == "1.w_rec" }
      $0.edges.append(NIREdge("1.lif", "1.lif"))
      $0.nodes["1.w_rec"] = nil
    }
    for text in ["", "{", "[]", "{}", "{\"format\": 1}", "\u{7F}"] {
      try expectChanged("") { $0.metadata["spindle"] = text }
    }
  }

  @Test("What a graph cannot say is warned of") func warnings() throws {
    func warnings(_ name: String, _ options: NIRExportOptions = .init()) throws -> String {
      try NIRExport(try network(name), options).warnings.joined(separator: "\n")
    }
    #expect(try warnings("plain", NIRExportOptions(timeStep: 1e-3)) == "")
    #expect(try warnings("plain").contains("0.001 s"))
    let late = try warnings("subtraction, delayed")
    for word in ["subtracts", "one step late", "refractory", "layers[0]"] {
      #expect(late.contains(word), "\(late)")
    }
    #expect(try warnings("filters, one-to-one").contains("adaptation"))
    #expect(try !warnings("no reset").contains("subtracts"))
    #expect(try warnings("plain", NIRExportOptions(for: .norse)).contains("1 - beta"))
    #expect(throws: NIRError.self) { try warnings("plain", NIRExportOptions(timeStep: 0)) }
  }

  @Test("For Norse r is 1, and the weights make up for it") func norse() throws {
    let network = try network("plain")
    let graph = try NIRExport(network, NIRExportOptions(for: .norse)).graph
    #expect(try graph.nodes["1"]?.parameters["r"]?.doubles() == [1, 1, 1, 1, 1])
    #expect(graph.metadata.isEmpty)
    let read = try NIRImport(graph, NIRImportOptions(timeStep: 1e-3)).network
    let (ours, theirs) = (
      try network.floats(of: "0.weight"), try read.floats(of: "0.weight")
    )
    for index in ours.indices {
      #expect(abs(ours[index] - theirs[index]) <= 2 * abs(ours[index]).ulp)
    }
  }

  @Test("Names and types are those that snnTorch writes") func names() throws {
    let graph = try NIRExport(try network("subtraction, delayed")).graph
    #expect(graph.nodes.keys.sorted() == ["0", "1.lif", "1.w_rec", "2", "3", "input", "output"])
    #expect(graph.nodes["0"]?.type == "Affine" && graph.nodes["1.w_rec"]?.type == "Linear")
    #expect(Set(graph.edges).contains(NIREdge("1.w_rec", "1.lif")))
    #expect(graph.nodes["3"]?.type == "LI")
    let filtered = try NIRExport(try network("filters, one-to-one")).graph
    #expect(filtered.nodes["1.lif"]?.type == "CubaLIF" && filtered.nodes["3"]?.type == "CubaLI")
    let free = try NIRExport(try network("no reset")).graph
    #expect(free.nodes["1.threshold"]?.type == "Threshold" && free.nodes["1.lif"]?.type == "LI")
  }
}
