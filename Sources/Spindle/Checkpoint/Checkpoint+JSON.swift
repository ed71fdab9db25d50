import Safetensors

extension Checkpoint {
  /// The name of the format.
  static let format = "spindle-checkpoint"

  /// Everything but the tensors' values and the configuration.
  var json: JSONValue {
    .object([
      "format": .string(Self.format),
      "version": JSONValue(Self.version),
      "network": JSONValue(network),
      "parameters": .array(
        places.map {
          .object([
            "name": .string($0.name), "shape": .array($0.shape.map { JSONValue($0) }),
          ])
        }),
      "optimizer": .object([
        "kind": .string(optimizer.kind), "arrays": JSONValue(optimizer.arrays.map(\.name)),
      ]),
      "epoch": JSONValue(epoch),
      "step": JSONValue(step),
      "seed": .string("\(seed)"),
      "history": .array(history.map(\.json)),
      "best": best.map {
        .object([
          "epoch": JSONValue($0.epoch), "monitor": .string($0.monitor.rawValue),
          "value": JSONValue($0.value),
        ])
      } ?? .null,
      "stopping": stopping.map {
        .object(["reference": JSONValue($0.reference), "waited": JSONValue($0.waited)])
      } ?? .null,
      "warnings": .array(warnings.map(\.json)),
    ])
  }

  /// A checkpoint without its tensors' values, which follow.
  init(_ fields: CheckpointFields, configuration: String) throws(FileFault) {
    self.configuration = configuration
    network = try fields.strings("network")
    epoch = try fields.integer("epoch")
    step = try fields.integer("step")
    seed = try fields.bits("seed")
    places = try Self.places(try fields.objects("parameters"))
    let memory = try fields.object("optimizer")
    optimizer = OptimizerMemory(
      kind: try memory.string("kind"),
      arrays: try memory.strings("arrays").map { .init(name: $0, values: []) })
    history = []
    for record in try fields.objects("history") { history.append(try EpochRecord(record)) }
    guard history.count == epoch else { throw fields.fault("history") }
    best = try fields.optionalObject("best").map { best throws(FileFault) in
      guard let monitor = Monitor(rawValue: try best.string("monitor")) else {
        throw best.fault("monitor")
      }
      return Best(
        epoch: try best.integer("epoch"), monitor: monitor, value: try best.number("value"),
        parameters: [])
    }
    stopping = try fields.optionalObject("stopping").map { stopping throws(FileFault) in
      Stopping(
        reference: try stopping.number("reference"), waited: try stopping.integer("waited"))
    }
    warnings = []
    for warning in try fields.objects("warnings") {
      warnings.append(try TrainingWarning(warning))
    }
    parameters = []
  }

  private static func places(_ objects: [CheckpointFields]) throws(FileFault) -> [Place] {
    var places: [Place] = []
    var begin = 0
    for object in objects {
      let shape = try object.shape("shape")
      let count: Int
      do throws(SpindleError) {
        count = try shape.volume(of: "a parameter")
      } catch {
        throw .damaged(error.description)
      }
      let (end, overflow) = begin.addingReportingOverflow(count)
      guard !overflow else { throw object.fault("shape") }
      places.append(Place(name: try object.string("name"), shape: shape, range: begin..<end))
      begin = end
    }
    return places
  }
}

extension EpochRecord {
  fileprivate var json: JSONValue {
    .object([
      "epoch": JSONValue(epoch),
      "step": JSONValue(step),
      "loss": JSONValue(loss),
      "regularization": JSONValue(regularization),
      "accuracy": JSONValue(accuracy),
      "validation": validation.map {
        .object(["loss": JSONValue($0.loss), "accuracy": JSONValue($0.accuracy)])
      } ?? .null,
      "learning_rate": JSONValue(Double(learningRate)),
      "gradient_norm": JSONValue(gradientNorm),
      "layers": .array(
        layers.map {
          .object([
            "layer": JSONValue($0.layer), "firing_rate": JSONValue($0.firingRate),
            "dead": JSONValue($0.dead), "saturated": JSONValue($0.saturated),
          ])
        }),
      "accumulates": JSONValue(synapticOperations.accumulates),
      "multiply_accumulates": JSONValue(synapticOperations.multiplyAccumulates),
      "seconds": JSONValue(seconds),
      "samples": JSONValue(samples),
    ])
  }

  fileprivate init(_ fields: CheckpointFields) throws(FileFault) {
    epoch = try fields.integer("epoch")
    step = try fields.integer("step")
    loss = try fields.number("loss")
    regularization = try fields.number("regularization")
    accuracy = try fields.optionalNumber("accuracy")
    validation = try fields.optionalObject("validation").map { object throws(FileFault) in
      Validation(
        loss: try object.number("loss"), accuracy: try object.optionalNumber("accuracy"))
    }
    learningRate = Float(try fields.number("learning_rate"))
    gradientNorm = try fields.number("gradient_norm")
    layers = []
    for layer in try fields.objects("layers") {
      layers.append(
        Layer(
          layer: try layer.integer("layer"), firingRate: try layer.number("firing_rate"),
          dead: try layer.number("dead"), saturated: try layer.number("saturated")))
    }
    synapticOperations = SynapticOperations(
      accumulates: try fields.number("accumulates"),
      multiplyAccumulates: try fields.number("multiply_accumulates"))
    seconds = try fields.number("seconds")
    samples = try fields.integer("samples")
  }
}
