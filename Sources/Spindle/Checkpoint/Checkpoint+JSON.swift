import SpindleJSON

extension Checkpoint {
  /// The name of the format.
  static let format = "spindle-checkpoint"

  /// Everything but the tensors' values, the history and the configuration.
  ///
  /// - Parameter columns: of the tensor that holds the history.
  func json(history columns: [String]) -> JSONValue {
    .object([
      "format": .string(Self.format),
      "version": JSONValue(Self.version),
      "network": network?.json ?? .null,
      "optimizer": .object([
        "kind": .string(optimizer.kind), "arrays": JSONValue(optimizer.arrays.map(\.name)),
      ]),
      "epoch": JSONValue(epoch),
      "step": JSONValue(step),
      "seed": .string("\(seed)"),
      "history": JSONValue(columns),
      "data": data.map { .string($0) } ?? .null,
      "best": best.map(\.json) ?? .null,
      "stopping": stopping.map(\.json) ?? .null,
      "warnings": .array(warnings.map(\.json)),
    ])
  }

  /// Refuses a text that is no checkpoint's, then a newer version.
  static func description(
    _ text: String
  ) throws(FileFault) -> (object: DescriptionObject, version: Int) {
    let object: DescriptionObject
    let version: Int
    do throws(DescriptionError) {
      object = try DescriptionValue(parsing: text, root: "its description").object()
      _ = try object.value("format").text(allowed: [Self.format])
      version = try object.value("version").integer(1...Int(1 << 53))
    } catch {
      throw .notCheckpoint(error.description)
    }
    guard version <= Self.version else {
      throw .newerVersion(found: version, known: Self.version)
    }
    return (object, version)
  }

  /// The names of the columns of the history.
  static func historyColumns(_ object: DescriptionObject) throws(DescriptionError) -> [String] {
    try object.value("history").list().map { name throws(DescriptionError) in try name.text() }
  }

  /// A checkpoint without its tensors' values, which follow; in version 2 the history too.
  init(
    _ object: DescriptionObject, version: Int, configuration: String
  ) throws(DescriptionError) {
    self.configuration = configuration
    if version == 1 {
      network = nil
      parameters = try Self.version1Parameters(try object.value("parameters").list())
    } else {
      let described = try object.value("network")
      let network = try NetworkDescription(described)
      do throws(SpindleError) {
        parameters = try network.parameters
      } catch {
        throw described.refused(expected: "a network that can be", found: error.description)
      }
      self.network = network
    }
    epoch = try object.value("epoch").count()
    step = try object.value("step").count()
    seed = try object.value("seed").bits()
    let memory = try object.value("optimizer").object()
    optimizer = OptimizerMemory(
      kind: try memory.value("kind").text(),
      arrays: try memory.value("arrays").list().map { name throws(DescriptionError) in
        .init(name: try name.text(), values: [])
      })
    history = []
    data = nil
    if version == 1 {
      let records = try object.value("history")
      history = try records.list().map { record throws(DescriptionError) in
        try EpochRecord(try record.object())
      }
      guard history.count == epoch else { throw records.refused(expected: "\(epoch) records") }
    } else {
      data = try object.value("data").unlessNull { text throws(DescriptionError) in
        try text.text()
      }
    }
    best = try object.value("best").unlessNull { best throws(DescriptionError) in
      try Best(try best.object())
    }
    stopping = try object.value("stopping").unlessNull { stopping throws(DescriptionError) in
      try Stopping(try stopping.object())
    }
    warnings = try object.value("warnings").list().map { warning throws(DescriptionError) in
      try TrainingWarning(try warning.object())
    }
    values = []
    if version == 1 { renumberLayers() }
  }

  /// Names and shapes, which a checkpoint of version 1 lists.
  private static func version1Parameters(
    _ list: [DescriptionValue]
  ) throws(DescriptionError) -> [Parameter] {
    var parameters: [Parameter] = []
    var begin = 0
    for element in list {
      let object = try element.object()
      let shape = try object.value("shape").list().map { size throws(DescriptionError) in
        try size.integer(1...Limits.size)
      }
      // Of sizes from 1 on, a product that does not overflow is at least each of them.
      guard let count = try? shape.volume(of: "a parameter"), count <= Int.max / 64 - begin else {
        throw element.refused(expected: "a smaller shape")
      }
      let name = try object.value("name")
      guard
        let parameter = Parameter(
          version1Name: try name.text(), shape: shape, range: begin..<begin + count)
      else { throw name.refused(expected: "a parameter's name") }
      parameters.append(parameter)
      begin += count
    }
    return parameters
  }

  /// Takes layers' numbers of version 1 to those of now.
  private mutating func renumberLayers() {
    for record in history.indices {
      for layer in history[record].activity.layers.indices {
        history[record].activity.layers[layer].layer /= 2
      }
    }
    for index in warnings.indices { warnings[index].layer /= 2 }
  }
}

extension Checkpoint.Best {
  fileprivate var json: JSONValue {
    .object([
      "epoch": JSONValue(epoch), "monitor": .string(monitor.rawValue), "value": JSONValue(value),
    ])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    epoch = try object.value("epoch").count()
    monitor = try object.value("monitor").choice(Monitor.self)
    value = try object.value("value").double()
    values = []
  }
}

extension Checkpoint.Stopping {
  fileprivate var json: JSONValue {
    .object(["reference": JSONValue(reference), "waited": JSONValue(waited)])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    reference = try object.value("reference").double()
    waited = try object.value("waited").count()
  }
}

extension TrainingWarning {
  fileprivate var json: JSONValue {
    .object([
      "kind": .string(kind.rawValue), "layer": JSONValue(layer), "epoch": JSONValue(epoch),
      "value": JSONValue(value),
    ])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    kind = try object.value("kind").choice(Kind.self)
    layer = try object.value("layer").count()
    epoch = try object.value("epoch").count()
    value = try object.value("value").double()
  }
}
