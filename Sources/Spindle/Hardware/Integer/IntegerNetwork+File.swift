import SpindleFiles
import SpindleJSON
import SpindleTensors

/// A sequence with what a network of integers makes of it, by which another program can be tested.
public struct IntegerTestVector: Sendable, Equatable {
  /// T.
  public let steps: Int
  /// [T, I], 0 or 1.
  public let input: [UInt8]
  /// What each layer does.
  public private(set) var expected: [IntegerRecording]

  /// Random input of a density, and what the network makes of it.
  public init(
    _ network: IntegerNetwork, steps: Int = 64, density: Double = 0.25, seed: UInt64 = 0
  ) throws(SpindleError) {
    var random = RandomStream(seed: seed, stream: 7 << 32)
    try Limits.check(steps, "the number of steps")
    try require((0...1).contains(density), "the input's density", "from 0 to 1", density)
    input = try random.bits(count: steps * network.inputs).map {
      Double($0) < density * 0x1p32 ? 1 : 0
    }
    self.steps = steps
    expected = []
    expected = try network.run(try spikes(units: network.inputs))
  }

  /// The input [1, T, I].
  package func spikes(units: Int) throws(SpindleError) -> Input {
    .spikes(try SpikeTrain(input.map { Float($0) }, batch: 1, steps: steps, units: units))
  }
}

extension IntegerNetwork {
  /// The name of the format.
  public static let format = "spindle-integer-1"
  static let metadataKey = "spindle.integer_network"

  /// Writes one safetensors file: of each layer "0.weight" and "0.recurrent_weight" as I8 or, above
  /// 8 bits, I16; "0.bias", "0.threshold" and "0.floor" as I32; "0.beta" and "0.alpha" as U16;
  /// "0.scale" as F32; and a test vector "test.input" [T, I] with "test.0.spikes" and
  /// "test.0.membrane" [T, N]. The rest is JSON in the metadata.
  ///
  /// - Throws: `file` where the system refuses.
  public func save(
    to path: String, testVector: IntegerTestVector? = nil
  ) throws(SpindleError) {
    let vector = if let testVector { testVector } else { try IntegerTestVector(self) }
    try rethrowing(
      try SafetensorsFile(
        try tensors + vector.tensors(of: self), metadata: [Self.metadataKey: text]
      ).write(to: path)
    ) { (error: SafetensorsError) in SpindleError.file(error.description) }
  }

  private var text: String {
    let keys = IntegerKeys(
      timeStep: timeStep, inputs: inputs, stateBits: stateBits, fractionBits: fractionBits,
      layers: layers.map {
        IntegerLayerKeys(
          fires: $0.fires, neurons: $0.neurons, topology: $0.topology, reset: $0.reset,
          bits: $0.bits)
      })
    return JSONValue.object(IntegerKeys.table.members(of: keys)).text
  }

  private var tensors: [SafetensorsFile.Tensor] {
    get throws(SafetensorsError) {
      var tensors: [SafetensorsFile.Tensor] = []
      for (index, layer) in layers.enumerated() {
        for part in IntegerPart.all where !layer[keyPath: part.place].isEmpty {
          tensors.append(
            try .init(
              "\(index).\(part.name)", shape: part.shape(layer), part.type(layer),
              layer[keyPath: part.place]))
        }
        tensors.append(try .init("\(index).scale", shape: [layer.neurons], layer.scale))
      }
      return tensors
    }
  }

  /// Reads what `save` wrote.
  ///
  /// - Throws: `file` where the system refuses; `invalidFile` for a file of another kind, or one
  ///   that is damaged.
  public init(contentsOf path: String) throws(SpindleError) {
    let file = try SafetensorsFile(reading: path)
    self = try rethrowing(try IntegerNetwork(file)) { (error: FileFault) in
      SpindleError.invalidFile(path: path, error)
    }
  }

  private init(_ file: SafetensorsFile) throws(FileFault) {
    guard let text = file.metadata[Self.metadataKey] else {
      throw .notNetwork("it holds no network of integers (format \(Self.format))")
    }
    let keys: IntegerKeys
    do throws(DescriptionError) {
      keys = try IntegerKeys.table.format().read(
        DescriptionValue(parsing: text, root: "its network"))
    } catch {
      throw .notNetwork(error.description)
    }
    var layers: [IntegerLayer] = []
    var width = keys.inputs
    for (index, layer) in keys.layers.enumerated() {
      guard
        IntegerLayer.sumsFit(
          sources: width + layer.neurons, bits: layer.bits, fractionBits: keys.fractionBits)
      else { throw .badValue("the sums of its weights do not fit 63 bits") }
      layers.append(try IntegerLayer(layer, inputs: width, index: index, file, keys))
      width = layer.neurons
    }
    self.init(
      timeStep: keys.timeStep, inputs: keys.inputs, stateBits: keys.stateBits,
      fractionBits: keys.fractionBits, layers: layers)
  }
}

extension IntegerTestVector {
  fileprivate func tensors(
    of network: IntegerNetwork
  ) throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    var tensors = [
      try SafetensorsFile.Tensor("test.input", shape: [steps, network.inputs], input)
    ]
    for (index, recording) in expected.enumerated() {
      let shape = [steps, network.layers[index].neurons]
      tensors.append(try .init("test.\(index).spikes", shape: shape, recording.spikes))
      tensors.append(try .init("test.\(index).membrane", shape: shape, recording.membrane))
    }
    return tensors
  }
}

/// One array of a layer, and how a file has it.
private struct IntegerPart: Sendable {
  let name: String
  let place: any KeyPath<IntegerLayer, [Int]> & Sendable
  let shape: @Sendable (IntegerLayer) -> [Int]
  let type: @Sendable (IntegerLayer) -> ScalarType

  static let all: [IntegerPart] = [
    IntegerPart(
      name: "weight", place: \.weights, shape: { [$0.inputs, $0.neurons] }, type: \.weightType),
    IntegerPart(
      name: "recurrent_weight", place: \.recurrent,
      shape: { $0.topology == .rc ? [$0.neurons, $0.neurons] : [$0.neurons] },
      type: \.weightType),
    ofNeurons("bias", \.bias, .i32), ofNeurons("threshold", \.threshold, .i32),
    ofNeurons("floor", \.floor, .i32), ofNeurons("beta", \.beta, .u16),
    ofNeurons("alpha", \.alpha, .u16),
  ]

  private static func ofNeurons(
    _ name: String, _ place: any KeyPath<IntegerLayer, [Int]> & Sendable, _ type: ScalarType
  ) -> IntegerPart {
    IntegerPart(name: name, place: place, shape: { [$0.neurons] }, type: { _ in type })
  }
}

extension IntegerLayer {
  fileprivate var weightType: ScalarType { bits <= 8 ? .i8 : .i16 }

  /// The layer of a file.
  fileprivate init(
    _ keys: IntegerLayerKeys, inputs: Int, index: Int, _ file: SafetensorsFile,
    _ network: IntegerKeys
  ) throws(FileFault) {
    let count = keys.neurons
    /// A tensor, whose numbers must be within a range; empty where it may be missing and is.
    func integers(
      _ name: String, _ shape: [Int], _ range: ClosedRange<Int>, required: Bool = true
    ) throws(FileFault) -> [Int] {
      let name = "\(index).\(name)"
      guard let tensor = file[name] else {
        guard required else { return [] }
        throw .otherTensors(missing: [name], unexpected: [], differing: [])
      }
      guard tensor.shape == shape, let values = try? tensor.integers() else {
        throw .otherTensors(
          missing: [], unexpected: [],
          differing: ["\(quoted(name)) must be of integers of shape \(shape)"])
      }
      if let value = values.first(where: { !range.contains($0) }) {
        throw .badValue(
          "\(quoted(name)) must be from \(range.lowerBound) to \(range.upperBound), got \(value)")
      }
      return values
    }
    let largest = 1 << (keys.bits - 1) - 1
    let limit = 1 << (network.stateBits - 1) - 1
    self.inputs = inputs
    neurons = count
    (fires, topology, reset, bits) = (keys.fires, keys.topology, keys.reset, keys.bits)
    weights = try integers("weight", [inputs, count], -largest...largest)
    switch keys.topology {
    case .ff: recurrent = []
    case .rc: recurrent = try integers("recurrent_weight", [count, count], -largest...largest)
    case .oneToOne: recurrent = try integers("recurrent_weight", [count], -largest...largest)
    }
    bias = try integers("bias", [count], -limit...limit)
    threshold = keys.fires ? try integers("threshold", [count], 1...limit) : []
    floor = keys.fires ? try integers("floor", [count], -limit...0, required: false) : []
    beta = try integers("beta", [count], 0...65535)
    alpha = try integers("alpha", [count], 0...65535, required: false)
    let name = "\(index).scale"
    guard let tensor = file[name], tensor.shape == [count] else {
      throw .otherTensors(missing: [name], unexpected: [], differing: [])
    }
    scale = tensor.floats()
  }
}
