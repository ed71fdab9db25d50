import SpindleJSON

// Records as checkpoints of version 1 hold them, in the header.

extension EpochRecord {
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
  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    loss = try object.value("loss").double()
    accuracy = try object.value("accuracy").optionalDouble()
  }
}

extension Activity {
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
  fileprivate init(_ object: DescriptionObject) throws(DescriptionError) {
    layer = try object.value("layer").count()
    neurons = try object.value("neurons").count()
    firingRate = try object.value("firing_rate").double()
    dead = try object.value("dead").double()
    saturated = try object.value("saturated").double()
  }
}
