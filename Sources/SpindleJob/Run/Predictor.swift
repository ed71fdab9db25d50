import Spindle

/// Runs a network on samples without targets.
public struct Predictor: Sendable {
  /// Samples that a network file's network runs at a time.
  private static let batch = 32

  let network: Network
  let source: any BatchSource
  let batch: Int
  let execution: Execution
  /// What the network was trained by; nil of a network file, which does not say.
  let loss: Loss?
  let classNames: [String]?
  /// What the user should know of how the samples were read.
  public let notices: [String]

  /// The network of a checkpoint, for the samples of a file, transformed and encoded as in training.
  ///
  /// - Parameters:
  ///   - checkpoint: the run that was saved.
  ///   - choice: which of its parameters.
  ///   - configuration: what the run was made by.
  ///   - path: samples as the configuration's file holds them.
  ///   - tensor: the name of their tensor in a .safetensors file; nil for the configuration's, or
  ///     for the only one.
  ///   - samples: their number, which events need where the last have none; nil to see it in the
  ///     file.
  ///   - takesAnySteps: whether samples may have other steps than those of training.
  /// - Throws: `JobError.configuration`.
  public init(
    of checkpoint: Checkpoint, _ choice: Checkpoint.Choice, configuration: JobConfiguration,
    path: String, tensor: String? = nil, samples: Int? = nil, takesAnySteps: Bool = false
  ) throws(JobError) {
    do throws(SpindleError) {
      try configuration.checkClassNames()
      (source, notices) = try configuration.source(
        path: path, tensor: tensor, samples: samples, takesAnySteps: takesAnySteps)
      if let inputs = checkpoint.network?.inputs, inputs != source.units {
        throw .invalidData(
          path: path,
          reason: "expected samples of \(inputs) units as the network is given them, found "
            + "\(source.units)")
      }
      var network = try configuration.network(inputs: source.units)
      try network.restore(checkpoint, choice)
      self.network = network
    } catch {
      throw .configuration(error.description)
    }
    batch = configuration.training.batch
    execution = configuration.execution
    loss = configuration.loss
    classNames = configuration.data.classNames
  }

  /// A network, for the samples of a file as they are.
  ///
  /// - Throws: `JobError.configuration`.
  public init(
    _ network: Network, path: String, tensor: String? = nil, samples count: Int? = nil,
    execution: Execution = .init()
  ) throws(JobError) {
    let file = DataFile(
      path: path, input: tensor, target: nil, targetPath: nil, steps: nil, events: nil)
    do throws(SpindleError) {
      let (contents, shape) = try file.read(
        timeStep: network.description.timeStep, count: count)
      let samples = contents.dataset
      guard samples.units == network.inputs else {
        throw .invalidData(
          path: path,
          reason: "expected samples of \(network.inputs) units, found \(samples.units) in \(shape)")
      }
      source = samples
      notices = contents.notices
    } catch {
      throw .configuration(error.description)
    }
    self.network = network
    batch = Self.batch
    self.execution = execution
    loss = nil
    classNames = nil
  }

  /// Runs the network.
  ///
  /// - Parameters:
  ///   - outputs: what is wanted; nil for what the loss reads: a class for each sample, else the last
  ///     layer's spikes or membranes. Without a loss, or of a layer, its spikes, or membranes where
  ///     it does not fire.
  ///   - layer: whose, counted from 0; nil for the last. Logits are always the last layer's.
  /// - Returns: what is wanted; arrays are 0 past the length of a sample.
  /// - Throws: `JobError.configuration` for what this network has not, or that does not fit it.
  public func predict(
    _ outputs: [PredictedOutput]? = nil, layer: Int? = nil
  ) throws(JobError) -> Prediction {
    let last = network.layers.count - 1
    let layer = layer ?? last
    guard network.layers.indices.contains(layer) else {
      throw .configuration("the layer must be from 0 to \(last), got \(layer)")
    }
    do throws(SpindleError) {
      guard let outputs else { return try predictByLoss(layer) }
      for output in outputs { try check(output, layer) }
      return Prediction(arrays: try run(outputs, layer), classNames: classNames)
    } catch {
      throw .configuration(error.description)
    }
  }

  private func check(_ output: PredictedOutput, _ layer: Int) throws(SpindleError) {
    switch output {
    case .potential, .membrane: return
    case .spikes:
      guard network.layers[layer].neurons.spiking == nil else { return }
      throw .invalidValue(
        what: "an output of layers[\(layer)]",
        expected: "potential or membrane, since leaky integrators do not fire", got: "spikes")
    case .logits:
      guard let loss else {
        throw .invalidValue(
          what: "an output",
          expected: "spikes, potential or membrane: logits are as a loss reads "
            + "them, which a network by itself does not have", got: "logits")
      }
      guard !loss.wantsClasses else { return }
      throw .invalidValue(
        what: "an output", expected: "spikes, potential or membrane: \(loss.name) has no logits",
        got: "logits")
    }
  }

  private func predictByLoss(_ layer: Int) throws(SpindleError) -> Prediction {
    let fires = network.layers[layer].neurons.spiking != nil
    guard let loss, layer == network.layers.count - 1 else {
      return Prediction(
        arrays: try run([fires ? .spikes : .membrane], layer), classNames: classNames)
    }
    guard loss.wantsClasses else {
      var array = try run([loss.readsSpikes ? .spikes : .membrane], layer)[0]
      array.name = "outputs"
      return Prediction(arrays: [array], classNames: classNames)
    }
    return Prediction(classes: try classes(loss), classNames: classNames)
  }

  /// The class that the loss reads of each sample.
  private func classes(_ loss: Loss) throws(SpindleError) -> [Int32] {
    var trainer = try Trainer(
      network, batch: batch, steps: source.steps, loss: loss, execution: execution)
    var classes: [Int32] = []
    var loader = try BatchLoader(source, batch: batch)
    while let batch = try loader.next() {
      // The trainer names the classes of a batch whose loss it computes; the loss is not used.
      let any = [Int32](repeating: 0, count: batch.input.batch)
      _ = try trainer.evaluate(batch.input, target: .classes(any))
      classes += try trainer.predictions
    }
    return classes
  }

  /// The outputs of all samples, in the order wanted.
  private func run(
    _ outputs: [PredictedOutput], _ layer: Int
  ) throws(SpindleError) -> [Prediction.Array] {
    let last = network.layers.count - 1
    var values = [[Float]](repeating: [], count: outputs.count)
    var loader = try BatchLoader(source, batch: batch)
    while let batch = try loader.next() {
      let recording = try network.run(batch.input, recording: layer, execution: execution)
      for (index, output) in outputs.enumerated() {
        switch output {
        case .spikes: values[index] += recording.spikes.values
        case .potential: values[index] += recording.potential.values
        case .membrane: values[index] += recording.membrane.values
        case .logits:
          let ofLast =
            layer == last ? recording : try network.run(batch.input, execution: execution)
          values[index] += loss?.logits(of: ofLast, lengths: batch.input.lengths) ?? []
        }
      }
    }
    let neurons = network.layers[layer].neurons.count
    return zip(outputs, values).map { output, values in
      Prediction.Array(
        name: output.rawValue,
        shape: output == .logits
          ? [source.count, network.outputs] : [source.count, source.steps, neurons],
        values: values)
    }
  }
}

extension JobConfiguration {
  /// The samples of a file as the network is given them.
  fileprivate func source(
    path: String, tensor: String?, samples: Int?, takesAnySteps: Bool
  ) throws(SpindleError) -> (any BatchSource, notices: [String]) {
    var file = DataFile(
      path: path, input: tensor, target: nil, targetPath: nil, steps: nil, events: nil)
    if case .file(let known) = data.source {
      let named = path.hasSuffix(".safetensors")
      file = DataFile(
        path: path, input: tensor ?? (named ? known.input : nil), target: nil, targetPath: nil,
        lengths: named ? known.lengths : nil, steps: known.steps, events: known.events,
        header: known.header)
    }
    let (contents, shape) = try file.read(
      timeStep: network.timeStep, count: samples, least: data.shape?[0])
    var dataset = contents.dataset
    try data.check(dataset, path: path, found: shape, takesAnySteps: takesAnySteps)
    for transform in data.transforms { dataset = try transform.applied(to: dataset) }
    return (try encoded(dataset), contents.notices)
  }
}
