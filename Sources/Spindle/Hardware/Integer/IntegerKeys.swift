import SpindleJSON

/// What a file of integers says of its network besides tensors.
struct IntegerKeys: Sendable {
  var format = IntegerFormat.current
  var timeStep = 0.0
  var inputs = 0
  var stateBits = 0
  var fractionBits = 0
  var layers: [IntegerLayerKeys] = []

  static let table = KeyTable(
    IntegerKeys(),
    [
      .init(
        "format", Format<IntegerFormat>.choice, "The format.", at: \.format, absence: .refused),
      .init(
        "time_step", .number(.positive), "Length of a step, in seconds.", at: \.timeStep,
        absence: .refused),
      .init("inputs", .count, "I of the first layer.", at: \.inputs, absence: .refused),
      .init(
        "state_bits", .integer(IntegerNetwork.possibleStateBits), "Bits of a potential.",
        at: \.stateBits, absence: .refused),
      .init(
        "fraction_bits", .integer(0...IntegerNetwork.possibleStateBits.upperBound - 1),
        "Fraction bits of a potential.", at: \.fractionBits, absence: .refused),
      .init(
        "layers", Format<[IntegerLayerKeys]>.list(of: IntegerLayerKeys.table.format(), atLeast: 1),
        "From the input to the output.", at: \.layers, absence: .refused),
    ])
}

/// The formats that are read.
enum IntegerFormat: String, Sendable, CaseIterable, JSONWritable {
  case current = "spindle-integer-1"
}

/// The same of a layer.
struct IntegerLayerKeys: Sendable, JSONWritable {
  var fires = true
  var neurons = 0
  var topology = Topology.ff
  var reset = Reset.none
  var bits = 0

  static let table = KeyTable(
    IntegerLayerKeys(),
    [
      .init(
        "fires", .flag, "Whether its neurons fire; else they are leaky integrators.", at: \.fires,
        absence: .refused),
      .init("neurons", .count, "N.", at: \.neurons, absence: .refused),
      .init("topology", .choice, "The topology.", at: \.topology, absence: .refused),
      .init("reset", .choice, "The reset.", at: \.reset, absence: .refused),
      .init(
        "bits", .integer(Quantization.possibleBits), "Bits of a weight.", at: \.bits,
        absence: .refused),
    ])

  /// An object of its keys.
  var json: JSONValue { .object(Self.table.members(of: self)) }
}
