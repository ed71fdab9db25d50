import SpindleJSON

extension NetworkDescription: JSONWritable {
  /// The canonical JSON: every key that applies, defaults written out, no initialiser's short form.
  /// Networks of the same JSON are the same, and begin the same from one seed.
  public var json: JSONValue { .object(Self.table.members(of: self)) }

  /// The canonical JSON as text: keys sorted, numbers the shortest that read as the same. Read and
  /// written again it is the same text.
  public var canonicalText: String { json.text }

  /// The keys of a network, as a configuration has them: `inputs` may be missing, and is 0 then,
  /// where the data say it.
  public static var format: Format<NetworkDescription> { table.format(check: check) }

  /// Reads a network.
  ///
  /// - Parameters:
  ///   - value: an object of the keys of ``format``.
  ///   - inputs: I of the first layer, which a key `inputs` must agree with; nil where the key must
  ///     say it.
  public init(_ value: DescriptionValue, inputs: Int? = nil) throws(DescriptionError) {
    var network = try Self.format.read(value)
    let key = try value.object().optional("inputs")
    if key == nil, inputs == nil { throw .missingKey(place: value.place, key: "inputs") }
    if let inputs {
      if let key, network.inputs != inputs {
        throw key.refused(expected: "\(inputs), the inputs that there are")
      }
      network.inputs = inputs
    }
    self = network
  }

  /// Where the network differs from another one, but for how weights and biases begin: a text for
  /// each place, as in "layers[0].reset: \"zero\" here, \"subtraction\" in the file".
  public func differences(from other: NetworkDescription) -> [String] {
    withoutBeginnings.json.differences(from: other.withoutBeginnings.json)
  }

  /// The same, all weights and biases beginning alike.
  package var withoutBeginnings: NetworkDescription {
    var network = self
    for index in layers.indices {
      let layer = layers[index]
      network.layers[index].connection.weights = .constant(0)
      network.layers[index].connection.bias = layer.connection.bias.map { _ in .constant(0) }
      switch layer.recurrence.topology {
      case .ff: break
      case .rc: network.layers[index].recurrence = .rc(.constant(0))
      case .oneToOne: network.layers[index].recurrence = .oneToOne(.constant(0))
      }
    }
    return network
  }

  private static let table = KeyTable(
    NetworkDescription(inputs: 0, layers: []),
    [
      .init("time_step", .number(.positive), "Length of a step, in seconds.", at: \.timeStep),
      .init(
        "inputs", .count,
        "Units of the input; a configuration may leave them out, since the data say them.",
        at: \.inputs, absence: .nothing, applies: { $0.inputs > 0 }),
      .init(
        "layers", .list(of: Layer.format, atLeast: 1),
        "Layers of neurons, from the input to the output, each with the weights that drive it.",
        at: \.layers, absence: .refused),
    ])

  /// Refuses what no key alone shows to be wrong, as the description itself does.
  @Sendable private static func check(
    _ network: NetworkDescription, _ object: DescriptionObject
  ) throws(DescriptionError) {
    var network = network
    // Where the data are to say them.
    network.inputs = max(network.inputs, 1)
    do throws(SpindleError) {
      try network.check()
    } catch .invalidValue(let place, let expected, let got) {
      throw object.refused(at: place, expected: expected, found: got)
    } catch .invalidNetwork(let reason) {
      throw object.refused(expected: "layers that make a network", found: reason)
    } catch {
      throw object.refused(expected: "a network that can be", found: error.description)
    }
  }
}
