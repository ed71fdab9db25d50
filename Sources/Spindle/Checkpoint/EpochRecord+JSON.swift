import SpindleJSON

extension EpochRecord {
  /// As it stands in a checkpoint.
  var json: JSONValue {
    .object([
      "epoch": JSONValue(epoch),
      "step": JSONValue(step),
      "loss": JSONValue(loss),
      "regularization": JSONValue(regularization),
      "accuracy": JSONValue(accuracy),
      "validation": validation.map(\.json) ?? .null,
      "learning_rate": JSONValue(Double(learningRate)),
      "gradient_norm": JSONValue(gradientNorm),
      "activity": activity.json,
      "seconds": JSONValue(seconds),
      "samples": JSONValue(samples),
    ])
  }

  init(_ object: DescriptionObject) throws(DescriptionError) {
    epoch = try object.value("epoch").count()
    step = try object.value("step").count()
    loss = try object.value("loss").double()
    regularization = try object.value("regularization").double()
    accuracy = try object.value("accuracy").optionalDouble()
    validation = try object.value("validation").unlessNull { value throws(DescriptionError) in
      try Validation(try value.object())
    }
    learningRate = Float(try object.value("learning_rate").double())
    gradientNorm = try object.value("gradient_norm").double()
    activity = try Activity(try object.value("activity").object())
    seconds = try object.value("seconds").double()
    samples = try object.value("samples").count()
  }
}

extension EpochRecord.Validation {
  fileprivate var json: JSONValue {
    .object(["loss": JSONValue(loss), "accuracy": JSONValue(accuracy)])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    loss = try object.value("loss").double()
    accuracy = try object.value("accuracy").optionalDouble()
  }
}

extension Activity {
  fileprivate var json: JSONValue {
    .object([
      "layers": .array(layers.map(\.json)),
      "accumulates": JSONValue(operations.accumulates),
      "multiply_accumulates": JSONValue(operations.multiplyAccumulates),
    ])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    layers = try object.value("layers").list().map { layer throws(DescriptionError) in
      try Layer(try layer.object())
    }
    operations = SynapticOperations(
      accumulates: try object.value("accumulates").double(),
      multiplyAccumulates: try object.value("multiply_accumulates").double())
  }
}

extension Activity.Layer {
  fileprivate var json: JSONValue {
    .object([
      "layer": JSONValue(layer), "neurons": JSONValue(neurons),
      "firing_rate": JSONValue(firingRate), "dead": JSONValue(dead),
      "saturated": JSONValue(saturated),
    ])
  }

  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    layer = try object.value("layer").count()
    neurons = try object.value("neurons").count()
    firingRate = try object.value("firing_rate").double()
    dead = try object.value("dead").double()
    saturated = try object.value("saturated").double()
  }
}
