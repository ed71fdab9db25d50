import SpindleFiles
import SpindleJSON

extension Checkpoint {
  /// The name of the format.
  static let format = "spindle-checkpoint"

  /// Everything but the tensors' values, the history and the configuration.
  ///
  /// - Parameter columns: of the tensor that holds the history.
  func json(history columns: [String]) -> JSONValue {
    let head: [String: JSONValue] = [
      "format": Self.format.json, "version": Self.version.json, "network": network?.json ?? .null,
      "history": columns.json, "data": data?.json ?? .null,
    ]
    return .object(head.merging(Self.table.members(of: self)) { $1 })
  }

  /// What stands beside the network, the history and what is known of the data.
  private static let table = KeyTable(
    Checkpoint(
      configuration: "", epoch: 0, step: 0, seed: 0, history: [], warnings: [], parameters: [],
      values: [], optimizer: OptimizerMemory(kind: "", arrays: [])),
    [
      .count("epoch", at: \.epoch), .count("step", at: \.step),
      .exact("seed", .bits, at: \.seed) { "\($0)".json },
      .object("optimizer", OptimizerMemory.table, at: \.optimizer),
      .orNull("best", Best.table, at: \.best),
      .orNull("stopping", Stopping.table, at: \.stopping),
      .list("warnings", TrainingWarning.table, at: \.warnings),
    ])

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
    var described: (network: NetworkDescription?, parameters: [Parameter])
    if version == 1 {
      described = (nil, try Self.version1Parameters(try object.value("parameters").list()))
    } else {
      let value = try object.value("network")
      let network = try NetworkDescription(value)
      let parameters = try rethrowing(try network.parameters) { (error: SpindleError) in
        value.refused(expected: "a network that can be", found: error.description)
      }
      described = (network, parameters)
    }
    self = try Self.table.read(object)
    self.configuration = configuration
    (network, parameters) = described
    if version == 1 {
      let records = try object.value("history")
      history = try records.list().map { record throws(DescriptionError) in
        try EpochRecord.table.exact.read(record)
      }
      guard history.count == epoch else { throw records.refused(expected: "\(epoch) records") }
    } else {
      let text = try object.value("data")
      data = text.value == .null ? nil : try text.text()
    }
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

extension Checkpoint.OptimizerMemory {
  fileprivate static let table = KeyTable(
    Checkpoint.OptimizerMemory(kind: "", arrays: []),
    [
      .init("kind", .text, "", at: \.kind, absence: .refused),
      .exact(
        "arrays", Format<[String]>.list(of: .text).map { $0.map { .init(name: $0, values: []) } },
        at: \.arrays
      ) { $0.map(\.name).json },
    ])
}

extension Checkpoint.Best {
  fileprivate static let table = KeyTable(
    Checkpoint.Best(epoch: 0, monitor: .loss, value: 0, values: []),
    [
      .count("epoch", at: \.epoch),
      .init("monitor", .choice, "", at: \.monitor, absence: .refused),
      .exact("value", at: \.value),
    ])
}

extension Checkpoint.Stopping {
  fileprivate static let table = KeyTable(
    Checkpoint.Stopping(reference: 0, waited: 0),
    [.exact("reference", at: \.reference), .count("waited", at: \.waited)])
}

extension TrainingWarning {
  fileprivate static let table = KeyTable(
    TrainingWarning(kind: .nothingFires, layer: 0, epoch: 0, value: 0),
    [
      .init("kind", .choice, "", at: \.kind, absence: .refused), .count("layer", at: \.layer),
      .count("epoch", at: \.epoch), .exact("value", at: \.value),
    ])
}

extension Monitor: JSONWritable {}
extension TrainingWarning.Kind: JSONWritable {}
