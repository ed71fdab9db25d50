import Spindle
import SpindleFiles
import SpindleTensors

/// What a trained network says of samples without targets.
public struct Prediction: Sendable {
  /// What the network says.
  public enum Output: Sendable, Equatable {
    /// A class for each sample: [count].
    case classes([Int32])
    /// The last layer's output over time, [count, T, N]: spikes where the loss reads spikes, else
    /// the membranes.
    case values([Float], shape: [Int])
  }

  /// What the network says.
  public let output: Output
  /// A name for each class; nil for numbers.
  let classNames: [String]?

  /// Runs the network of a checkpoint on the samples of a file, transformed and encoded as in
  /// training.
  ///
  /// - Parameters:
  ///   - checkpoint: the run that was saved.
  ///   - choice: which of its parameters.
  ///   - configuration: what the run was made by.
  ///   - path: samples as the configuration's file holds them.
  ///   - tensor: the name of their tensor in a .safetensors file; nil for the configuration's, or
  ///     for the only one.
  /// - Throws: `JobError`.
  public init(
    of checkpoint: Checkpoint, _ choice: Checkpoint.Choice, configuration: JobConfiguration,
    path: String, tensor: String? = nil
  ) throws(JobError) {
    do throws(SpindleError) {
      let source = try configuration.source(path: path, tensor: tensor)
      var network = try configuration.network.network(
        inputs: source.units, seed: configuration.training.seed)
      try network.restore(checkpoint, choice)
      output = try Self.output(of: network, source, configuration)
    } catch {
      throw .configuration(error.description)
    }
    classNames = configuration.data.classNames
  }

  private static func output(
    of network: Network, _ source: any BatchSource, _ configuration: JobConfiguration
  ) throws(SpindleError) -> Output {
    var trainer = try configuration.trainer(network, steps: source.steps)
    let loss = configuration.loss
    var classes: [Int32] = []
    var values: [Float] = []
    var loader = try BatchLoader(source, batch: configuration.training.batch)
    while let batch = try loader.next() {
      guard !loss.wantsClasses else {
        // The trainer names the classes of a batch whose loss it computes; the loss is not used.
        let any = [Int32](repeating: 0, count: batch.input.batch)
        _ = try trainer.evaluate(batch.input, target: .classes(any))
        classes += try trainer.predictions
        continue
      }
      _ = try trainer.forward(batch.input)
      let recording = try trainer.record()
      values += loss.readsSpikes ? recording.spikes.values : recording.membrane.values
    }
    return loss.wantsClasses
      ? .classes(classes)
      : .values(values, shape: [source.count, source.steps, network.outputs])
  }
}

extension JobConfiguration {
  /// The samples of a file as the network is given them.
  fileprivate func source(
    path: String, tensor: String?
  ) throws(SpindleError) -> any BatchSource {
    var file = DataFile(
      path: path, input: tensor, target: nil, targetPath: nil, steps: nil, events: nil)
    if case .file(let known) = data.source {
      let input = tensor ?? (path.hasSuffix(".safetensors") ? known.input : nil)
      file = DataFile(
        path: path, input: input, target: nil, targetPath: nil, steps: known.steps,
        events: known.events)
    }
    var dataset = try file.read(
      targetsOf: nil, classCount: network.outputs, classNames: nil,
      timeStep: network.timeStep)
    for transform in data.transforms { dataset = try transform.applied(to: dataset) }
    return try encoded(dataset)
  }
}

extension Prediction {
  /// CSV, one line of names first.
  public var csv: String {
    switch output {
    case .classes(let classes):
      var text = "sample,class" + (classNames == nil ? "" : ",name") + "\n"
      for (sample, value) in classes.enumerated() {
        text += "\(sample),\(value)"
        if let classNames { text += "," + csvField(classNames[Int(value)]) }
        text += "\n"
      }
      return text
    case .values(let values, let shape):
      var text = "sample,step" + (0..<shape[2]).map { ",output_\($0)" }.joined() + "\n"
      for row in 0..<(shape[0] * shape[1]) {
        text += "\(row / shape[1]),\(row % shape[1])"
        for value in values[(row * shape[2])..<((row + 1) * shape[2])] { text += ",\(value)" }
        text += "\n"
      }
      return text
    }
  }

  /// Writes .csv, .npy or .safetensors, as the name ends.
  ///
  /// - Throws: `JobError.configuration` for another ending, `JobError.failed` where the system
  ///   refuses.
  public func write(to path: String) throws(JobError) {
    do {
      switch path.split(separator: ".").last {
      case "csv": try AtomicFile.write(csv, to: path)
      case "npy": try array().write(to: path)
      case "safetensors": try SafetensorsFile([try tensor()]).write(to: path)
      default: throw JobError.configuration(Self.endings(path))
      }
    } catch let error as JobError {
      throw error
    } catch {
      throw .failed("\(error)")
    }
  }

  /// Refuses the name of a file that cannot be written.
  public static func check(output path: String) throws(JobError) {
    guard ["csv", "npy", "safetensors"].contains(path.split(separator: ".").last) else {
      throw .configuration(endings(path))
    }
  }

  private static func endings(_ path: String) -> String {
    "the output must end in .csv, .npy or .safetensors, got \(path)"
  }

  private func array() throws(NumPyError) -> NumPyArray {
    switch output {
    case .classes(let classes): try NumPyArray(shape: [classes.count], classes)
    case .values(let values, let shape): try NumPyArray(shape: shape, values)
    }
  }

  private func tensor() throws(SafetensorsError) -> SafetensorsFile.Tensor {
    switch output {
    case .classes(let classes): try .init("classes", shape: [classes.count], classes)
    case .values(let values, let shape): try .init("outputs", shape: shape, values)
    }
  }
}
