import SpindleJSON

extension EpochRecord {
  /// As it stands in a checkpoint.
  static let table = KeyTable(
    EpochRecord(
      epoch: 0, step: 0, samples: 0, loss: 0, regularization: 0, learningRate: 0, gradientNorm: 0,
      activity: .none, seconds: 0),
    [
      .count("epoch", at: \.epoch), .count("step", at: \.step), .exact("loss", at: \.loss),
      .exact("regularization", at: \.regularization),
      .orNull("accuracy", .exact, at: \.accuracy) { $0.exactJSON },
      .orNull("validation", Validation.table, at: \.validation),
      .exact("learning_rate", Format<Double>.exact.map { Float($0) }, at: \.learningRate) {
        Double($0).exactJSON
      }, .exact("gradient_norm", at: \.gradientNorm),
      .object("activity", Activity.table, at: \.activity), .exact("seconds", at: \.seconds),
      .count("samples", at: \.samples),
    ])
}

extension EpochRecord.Validation {
  fileprivate static let table = KeyTable(
    EpochRecord.Validation(loss: 0),
    [
      .exact("loss", at: \.loss), .orNull("accuracy", .exact, at: \.accuracy) { $0.exactJSON },
    ])
}

extension Activity {
  /// The layers' figures and the operations, as a checkpoint and a program read them.
  package var members: [String: JSONValue] { Self.table.members(of: self) }

  fileprivate static let table = KeyTable(
    Activity.none,
    [
      .list("layers", Layer.table, at: \.layers),
      .exact("accumulates", at: \.operations.accumulates),
      .exact("multiply_accumulates", at: \.operations.multiplyAccumulates),
    ])
}

extension Activity.Layer {
  fileprivate static let table = KeyTable(
    Activity.Layer(layer: 0, neurons: 0, firingRate: 0, dead: 0, saturated: 0),
    [
      .count("layer", at: \.layer), .count("neurons", at: \.neurons),
      .exact("firing_rate", at: \.firingRate), .exact("dead", at: \.dead),
      .exact("saturated", at: \.saturated),
    ])
}
