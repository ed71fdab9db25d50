import SpindleJSON

extension PerNeuron: JSONWritable {
  /// One number where all are the same, else a list.
  public var json: JSONValue {
    switch self {
    case .all(let value): value.json
    case .each(let values):
      if let first = values.first, values.allSatisfy({ $0 == first }) {
        first.json
      } else {
        values.json
      }
    }
  }
}

extension Format where Value == PerNeuron {
  /// A number, or a list with one for each neuron; how many there must be is known elsewhere.
  static func perNeuron(_ bounds: NumberBounds) -> Format {
    .either(
      .number(bounds), where: { if case .array = $0 { false } else { true } }, as: { .all($0) },
      or: Format<[Double]>.list(of: .number(bounds), atLeast: 1).map { .each($0) })
  }
}

extension KeyRow where Whole == Layer {
  /// A row of numbers, of which a list must have one for each neuron.
  static func perNeuron(
    _ name: String, _ bounds: NumberBounds, _ help: String,
    at path: any WritableKeyPath<Layer, PerNeuron> & Sendable, absence: Absence = .standard
  ) -> KeyRow {
    KeyRow(
      name, Format<PerNeuron>.perNeuron(bounds), help, absence: absence,
      write: { $0[keyPath: path].json },
      set: { layer, numbers, value throws(DescriptionError) in
        try value.check(numbers, count: layer.neurons.count)
        layer[keyPath: path] = numbers
      })
  }

  /// The same for numbers that need not be.
  static func perNeuron(
    _ name: String, _ bounds: NumberBounds, _ help: String,
    at path: any WritableKeyPath<Layer, PerNeuron?> & Sendable
  ) -> KeyRow {
    KeyRow(
      name, Format<PerNeuron>.perNeuron(bounds), help, absence: .nothing,
      write: { $0[keyPath: path]?.json },
      set: { layer, numbers, value throws(DescriptionError) in
        try value.check(numbers, count: layer.neurons.count)
        layer[keyPath: path] = numbers
      })
  }
}

extension DescriptionValue {
  fileprivate func check(_ numbers: PerNeuron, count: Int) throws(DescriptionError) {
    guard case .each(let values) = numbers, values.count != count else { return }
    throw refused(expected: "a number or a list of \(count)", found: "a list of \(values.count)")
  }
}
