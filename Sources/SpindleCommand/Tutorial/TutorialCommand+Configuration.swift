import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJSON
import SpindleJob

extension TargetPattern: ExpressibleByArgument {}

extension TutorialCommand {
  /// The example "tutorial" of `spindle init`, changed as the options say.
  func makeConfiguration() throws(JobError) -> JobConfiguration {
    guard (1...Format<Int>.largestCount).contains(batch) else {
      throw .configuration(
        "the batch must be from 1 to \(Format<Int>.largestCount), got \(batch)")
    }
    let template = try JobConfiguration(
      parsing: try Template.named("tutorial").configurations[0].text)
    let own = try target.map(readTarget)
    var network = template.network
    network.inputs = 1
    network.layers = layers(
      like: network.layers[0], sizes: try hiddenSizes() + [own?.shape[1] ?? neurons ?? 8])
    var changes = [
      Override(path: ["network"], value: network.json),
      Override(path: ["data", "generator", "samples"], value: batch.json),
      Override(path: ["training", "epochs"], value: epochs.json),
      Override(path: ["training", "batch"], value: batch.json),
      Override(path: ["training", "seed"], value: .number(Double(seed))),
      Override(path: ["optimizer", "learning_rate"], value: .number(Double(learningRate))),
      Override(path: ["execution", "isa"], value: isa.rawValue.json),
      Override(path: ["checkpoint"], value: .null), Override(path: ["report"], value: .null),
    ]
    if let threads {
      changes.append(Override(path: ["execution", "threads"], value: threads.json))
    }
    return try template.changed(by: changes + patternChanges)
  }

  /// What is to be learned.
  private var patternChanges: [Override] {
    let place = ["data", "generator"]
    guard let target else {
      return [
        Override(path: place + ["pattern"], value: pattern.rawValue.json),
        Override(path: place + ["steps"], value: (steps ?? 100).json),
      ]
    }
    return [
      Override(path: place + ["file"], value: target.json),
      Override(path: place + ["pattern"], value: .null),
      Override(path: place + ["steps"], value: .null),
    ]
  }

  /// Layers of these sizes, the rest as that of the published job.
  private func layers(like layer: Layer, sizes: [Int]) -> [Layer] {
    zip(sizes, [1] + sizes).map { size, inputs in
      var layer = layer
      layer.neurons.count = size
      if topology == .ff { layer.recurrence = .ff }
      // The published weights are for one input. With more, the same mean current from a layer of
      // which about half fires, and a spread that does not grow with its size.
      if inputs > 1 {
        layer.connection.weights = .normal(
          mean: 0.4 / Double(inputs), standardDeviation: 0.2 / Double(inputs).squareRoot())
      }
      return layer
    }
  }

  /// The user's own pattern, which must agree with --steps and --neurons where they are given.
  private func readTarget(_ path: String) throws(JobError) -> Tensor {
    let tensor = try rethrowing(try TargetPattern.read(path), as: JobError.refused)
    for (name, wanted, got) in [
      ("steps", steps, tensor.shape[0]), ("neurons", neurons, tensor.shape[1]),
    ] {
      if let wanted, wanted != got {
        throw .configuration("--\(name) is \(wanted), but \(path) holds \(got) \(name)")
      }
    }
    return tensor
  }

  private func hiddenSizes() throws(JobError) -> [Int] {
    guard let hidden else { return [] }
    return try hidden.split(separator: ",", omittingEmptySubsequences: false).map {
      part throws(JobError) in
      guard let size = Int(part), size >= 1 else {
        throw .configuration("--hidden must list sizes of at least 1, as in 32,32, got \(hidden)")
      }
      return size
    }
  }
}
