import Spindle
import SpindleFiles
import SpindleJSON

/// A configured run: data, network and trainer, checked to fit before anything is trained.
///
///     let job = try Job(JobConfiguration(parsing: text))
///     let result = try job.train()
///
/// The same configuration gives the same bits, whatever the number of threads and the instruction
/// set.
public struct Job: Sendable {
  /// As given, standardisations with the numbers that were taken from the samples.
  public let configuration: JobConfiguration
  let data: PreparedData
  /// Before training.
  let network: Network
  /// The processes that train together; nil for one alone.
  let communicator: (any Communicator)?

  /// Reads or computes the samples and draws the network's weights.
  ///
  /// - Parameters:
  ///   - configuration: of the run.
  ///   - communicator: the processes that train together, each with a job of the same configuration;
  ///     nil for one alone.
  ///   - begins: called with what is done from now on, as in "encoding 1000 samples".
  ///   - progress: called while events are read, with the samples done and all of the file.
  /// - Throws: `JobError.configuration` where they do not fit one another or cannot be had.
  public init(
    _ configuration: JobConfiguration, communicator: (any Communicator)? = nil,
    begins: (String) -> Void = { _ in },
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(JobError) {
    self.communicator = communicator
    do throws(SpindleError) {
      try configuration.checkClassNames()
      let data = try PreparedData(configuration, begins: begins, progress: progress)
      self.data = data
      begins("running one batch")
      network = try configuration.network(inputs: data.training.source.units)
    } catch {
      throw .configuration(error.description)
    }
    if let communicator {
      try communicator.requireSame(
        [spindleVersion, configuration.json.text, data.fingerprint], "configuration or data")
    }
    try rethrowing(
      try configuration.tryBatch(of: data, network, communicator), as: JobError.refused)
    self.configuration = try configuration.resolved(data)
  }

  /// What the user should know of how the samples were read.
  public var notices: [String] { data.notices }

  /// Samples for training.
  public var sampleCount: Int { data.training.source.count }
  /// I, T and N of the output.
  public var shape: (inputs: Int, steps: Int, outputs: Int) {
    (network.inputs, data.training.source.steps, network.outputs)
  }
  /// Numbers that training changes.
  public var learnedCount: Int { network.learnedCount }
  /// Epochs in all.
  public var epochs: Int { configuration.epochs }

  /// Trains, and measures what came of it.
  ///
  /// - Parameters:
  ///   - checkpoint: a run of the same configuration to go on with.
  ///   - checkpointPath: where the run is saved, instead of where the configuration says.
  ///   - events: what is called while it trains.
  /// - Throws: `JobError`.
  public func train(
    resuming checkpoint: Checkpoint? = nil, checkpointPath: String? = nil,
    events: FitEvents = .init()
  ) throws(JobError) -> JobResult {
    if let communicator, let checkpoint {
      try communicator.requireSame(checkpoint.history.map { "\($0.loss)" }, "checkpoint")
    }
    do throws(SpindleError) {
      var trainer = try configuration.trainer(
        network, steps: configuration.windowSteps(of: data.training.source),
        classWeights: data.classWeights, communicator)
      let result = try trainer.fit(
        data.training.source, validation: data.validation?.source,
        options: configuration.fitOptions(
          checkpointPath: checkpointPath, data: data.fingerprint), resuming: checkpoint,
        events: events)
      let network = result.best
      let evaluation = try PartEvaluation(
        of: network, configuration: configuration, data: data, communicator: communicator)
      let chips =
        network.hasMismatch
        ? try ChipEvaluation(
          of: network, configuration: configuration, data: data, part: evaluation.part,
          chips: ChipEvaluation.usualChips, communicator: communicator) : nil
      return JobResult(
        job: self, fit: result, network: network, evaluation: evaluation, chips: chips)
    } catch {
      throw .failed(error.description)
    }
  }

  /// A sentence where the samples or targets are not those that the checkpoint's run was trained on;
  /// nil where they are, or where the checkpoint is of a version that does not say.
  public func difference(from checkpoint: Checkpoint) -> String? {
    guard let known = checkpoint.data, known != data.fingerprint else { return nil }
    return "these are other data than the run was trained on: the fingerprint of the samples and "
      + "targets was \(known) and is \(data.fingerprint)"
  }

  /// Measures the network of a checkpoint.
  public func evaluate(
    _ checkpoint: Checkpoint, _ choice: Checkpoint.Choice, on part: EvaluatedPart? = nil
  ) throws(JobError) -> PartEvaluation {
    let network = try restored(checkpoint, choice)
    return try rethrowing(
      try PartEvaluation(of: network, configuration: configuration, data: data, part: part),
      as: JobError.refused)
  }

  /// The network with the parameters of a checkpoint.
  func restored(
    _ checkpoint: Checkpoint, _ choice: Checkpoint.Choice
  ) throws(JobError) -> Network {
    var network = network
    try rethrowing(try network.restore(checkpoint, choice), as: JobError.refused)
    return network
  }
}

extension JobConfiguration {
  /// The network for samples of so many units, its weights drawn from the seed.
  func network(inputs: Int) throws(SpindleError) -> Network {
    var description = network
    try require(
      description.inputs == 0 || description.inputs == inputs, "network.inputs",
      "\(inputs), as many as the samples have units", description.inputs)
    description.inputs = inputs
    return try Network(description, seed: training.seed)
  }

  /// The trainer of this configuration.
  ///
  /// - Parameters:
  ///   - network: before training.
  ///   - steps: T.
  ///   - classWeights: factors of samples by their class; nil for 1.
  ///   - communicator: the processes that train together; nil for one alone.
  func trainer(
    _ network: Network, steps: Int, classWeights: [Float]?,
    _ communicator: (any Communicator)? = nil
  ) throws(SpindleError) -> Trainer {
    try Trainer(
      network, batch: training.batch, steps: steps, loss: loss, classWeights: classWeights,
      optimizer: optimizer, regularization: regularization, clipping: clipping,
      seed: training.seed, execution: engine, communicator: communicator)
  }

  /// T of a training step on samples.
  func windowSteps(of source: any BatchSource) -> Int { training.window?.steps ?? source.steps }

  /// Runs one batch forward: what does not fit is found before training, and the memory that training
  /// takes is known to be there.
  func tryBatch(
    of data: PreparedData, _ network: Network, _ communicator: (any Communicator)?
  ) throws(SpindleError) {
    let source = data.training.source
    if let window = training.window {
      try require(
        window.steps <= source.steps, "training.window.steps",
        "at most \(source.steps), the steps of the samples", window.steps)
    }
    var trainer = try trainer(
      network, steps: windowSteps(of: source), classWeights: data.classWeights, communicator)
    let batch = try source.batch(Array(0..<min(training.batch, source.count)), epoch: 0)
    guard let target = batch.target else {
      throw .invalidValue(what: "the data", expected: "with targets", got: "none")
    }
    guard let window = training.window else {
      _ = try trainer.evaluate(batch.input, target: target)
      return
    }
    try trainer.tryWindow(of: batch, window.windows)
  }

  /// Refuses names of classes that are not one for each output: results could not be told by them.
  func checkClassNames() throws(SpindleError) {
    guard loss.wantsClasses, let names = data.classNames, names.count != network.outputs else {
      return
    }
    throw .invalidValue(
      what: "data.class_names",
      expected: "\(network.outputs) names, one for each neuron of the last layer",
      got: "\(names.count)")
  }

  func fitOptions(checkpointPath: String?, data fingerprint: String) -> FitOptions {
    let path = checkpointPath ?? checkpoint?.path
    return FitOptions(
      epochs: training.epochs, order: training.shuffles ? nil : .given, schedule: schedule,
      monitor: training.monitor, earlyStopping: training.earlyStopping,
      keepsBest: training.keepsBest, windows: training.window?.windows,
      checkpoints: path.map {
        .init(
          path: $0, interval: checkpoint?.every, configuration: json.text, data: fingerprint)
      })
  }

  /// The same with the numbers of standardisations, the shape of the samples and the names of classes
  /// that their file has.
  func resolved(_ data: PreparedData) throws(JobError) -> JobConfiguration {
    var changes: [Override] = []
    if let shape = data.shape, self.data.shape == nil {
      changes.append(
        Override(path: ["data", "shape"], value: .array(shape.map { .number(Double($0)) })))
    }
    if let names = data.classNames, self.data.classNames == nil {
      changes.append(Override(path: ["data", "class_names"], value: names.json))
    }
    for (index, transform) in data.transforms.enumerated() {
      guard case .standardize(_, let known?) = transform else { continue }
      let place = ["data", "transforms", "\(index)"]
      // A transform that stands as its name alone becomes an object.
      changes.append(
        Override(
          path: place,
          value: .object([
            "kind": "standardize",
            "mean": known.mean.json, "standard_deviation": known.standardDeviation.json,
          ])))
    }
    return try changed(by: changes)
  }

  /// The configuration with some keys changed.
  public func changed(by overrides: [Override]) throws(JobError) -> JobConfiguration {
    try rethrowing(try JobConfiguration(json.changed(by: overrides))) {
      (error: DescriptionError) in JobError.configuration(error.description)
    }
  }
}
