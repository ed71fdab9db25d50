import SpindleJSON

extension Checkpoint {
  /// The name of the format.
  static let format = "spindle-checkpoint"

  /// Everything but the tensors' values and the configuration.
  var json: JSONValue {
    .object([
      "format": .string(Self.format),
      "version": JSONValue(Self.version),
      "network": JSONValue(network),
      "parameters": .array(places.map(\.json)),
      "optimizer": .object([
        "kind": .string(optimizer.kind), "arrays": JSONValue(optimizer.arrays.map(\.name)),
      ]),
      "epoch": JSONValue(epoch),
      "step": JSONValue(step),
      "seed": .string("\(seed)"),
      "history": .array(history.map(\.json)),
      "best": best.map(\.json) ?? .null,
      "stopping": stopping.map(\.json) ?? .null,
      "warnings": .array(warnings.map(\.json)),
    ])
  }

  /// Refuses a text that is no checkpoint's, then a newer version.
  static func description(_ text: String) throws(FileFault) -> DescriptionObject {
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
    return object
  }

  /// A checkpoint without its tensors' values, which follow.
  init(_ object: DescriptionObject, configuration: String) throws(DescriptionError) {
    self.configuration = configuration
    network = try object.value("network").list().map { line throws(DescriptionError) in
      try line.text()
    }
    epoch = try object.value("epoch").count()
    step = try object.value("step").count()
    seed = try object.value("seed").bits()
    places = try Self.places(try object.value("parameters").list())
    let memory = try object.value("optimizer").object()
    optimizer = OptimizerMemory(
      kind: try memory.value("kind").text(),
      arrays: try memory.value("arrays").list().map { name throws(DescriptionError) in
        .init(name: try name.text(), values: [])
      })
    let records = try object.value("history")
    history = try records.list().map { record throws(DescriptionError) in
      try EpochRecord(try record.object())
    }
    guard history.count == epoch else { throw records.refused(expected: "\(epoch) records") }
    best = try object.value("best").unlessNull { best throws(DescriptionError) in
      try Best(try best.object())
    }
    stopping = try object.value("stopping").unlessNull { stopping throws(DescriptionError) in
      try Stopping(try stopping.object())
    }
    warnings = try object.value("warnings").list().map { warning throws(DescriptionError) in
      try TrainingWarning(try warning.object())
    }
    parameters = []
  }

  private static func places(_ list: [DescriptionValue]) throws(DescriptionError) -> [Place] {
    var places: [Place] = []
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
      places.append(
        Place(name: try object.value("name").text(), shape: shape, range: begin..<begin + count))
      begin += count
    }
    return places
  }
}

extension Checkpoint.Place {
  fileprivate var json: JSONValue {
    .object(["name": .string(name), "shape": .array(shape.map { JSONValue($0) })])
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
    parameters = []
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
