import SpindleFiles

/// A training run at the end of an epoch: all that going on takes to give the bits of a run that
/// never stopped.
///
/// In training, everything random is a function of the seed and of the epoch, the step and the
/// sample, so that seed, epoch and step are the positions of all random streams.
///
/// On disk it is one safetensors file. Parameters have their plain names ("0.weight"), the
/// optimizer's arrays names such as "optimizer.mean.0.weight", the best parameters so far such as
/// "best.0.weight"; all are float32, as is "carried.state", the state of a network whose windows go on
/// from epoch to epoch. The tensor "history" is float64, a row for each epoch, and
/// "history.seconds" their wall times. The metadata hold the rest as a JSON text, the names of the history's columns among it, the caller's
/// configuration, and a checksum of everything.
public struct Checkpoint: Sendable, Equatable {
  /// The version of the format that is written, and the newest that is read.
  public static let version = 2

  /// The best parameters so far.
  public struct Best: Sendable, Equatable {
    /// The epoch that they ended, counted from 1.
    public var epoch: Int
    /// What they are the best of.
    public var monitor: Monitor
    /// Its value.
    public var value: Double
    /// The parameters' values.
    var values: [Float]
  }

  /// What early stopping remembers.
  struct Stopping: Sendable, Equatable {
    /// The last value that was an improvement.
    var reference: Double
    /// Values since then.
    var waited: Int
  }

  /// The optimizer's memory.
  struct OptimizerMemory: Sendable, Equatable {
    /// The optimizer's kind.
    var kind: String
    /// By name, each laid out as the parameters; in the order of their names.
    var arrays: [Array]

    struct Array: Sendable, Equatable {
      var name: String
      var values: [Float]
    }
  }

  /// What the caller gave to be kept, such as the configuration that the run came from.
  public internal(set) var configuration: String
  /// What the caller gave to know the data by again, such as a fingerprint; nil for nothing.
  public internal(set) var data: String?
  /// The network, as it began; nil in one of version 1, which tells the parameters' names and shapes
  /// alone.
  public internal(set) var network: NetworkDescription?
  /// Epochs completed.
  public internal(set) var epoch: Int
  /// Training steps taken.
  public internal(set) var step: Int
  /// The trainer's seed.
  public internal(set) var seed: UInt64
  /// One record for each epoch completed.
  public internal(set) var history: [EpochRecord]
  /// Nil where none was kept.
  public internal(set) var best: Best?
  /// Warnings that were given, which are not given again.
  public internal(set) var warnings: [TrainingWarning]

  var stopping: Stopping?
  /// The network's state, from which the next epoch goes on; nil for zero.
  var carried: [Float]?
  /// How all arrays are laid out.
  var parameters: [Parameter]
  /// The parameters' values.
  var values: [Float]
  var optimizer: OptimizerMemory
}

extension Checkpoint {
  /// Which parameters of a checkpoint.
  public enum Choice: Sendable {
    /// Those at its end.
    case last
    /// The best so far; the last where none were kept.
    case best
  }

  /// The values of the parameters chosen.
  func values(_ choice: Choice) -> [Float] {
    switch choice {
    case .last: values
    case .best: best?.values ?? values
    }
  }

  /// Refuses another network, with what differs.
  func check(fits network: Network) throws(FileFault) {
    if let described = self.network {
      let differences = network.description.differences(from: described)
      guard differences.isEmpty else { throw .otherNetwork(differences) }
    }
    let here = network.parameters.map { "\($0.name) \($0.shape)" }
    let there = parameters.map { "\($0.name) \($0.shape)" }
    guard here == there else {
      throw .otherNetwork(
        there.filter { !here.contains($0) }.map { "it has \($0), and this one has not" }
          + here.filter { !there.contains($0) }.map { "it lacks \($0)" })
    }
  }
}

extension Network {
  /// Replaces all parameters by those of a checkpoint of the same network; refused ones leave the
  /// network as it was.
  ///
  /// - Throws: `invalidFile` with what differs, or with the value that a parameter may not have;
  ///   its path is empty, since the checkpoint has been read.
  public mutating func restore(
    _ checkpoint: Checkpoint, _ choice: Checkpoint.Choice = .last
  ) throws(SpindleError) {
    try rethrowing(try checkpoint.check(fits: self)) { (error: FileFault) in
      SpindleError.invalidFile(path: "", error)
    }
    let chosen = checkpoint.values(choice)
    for parameter in parameters { try parameter.check(chosen[parameter.range]) }
    values = chosen
  }
}
