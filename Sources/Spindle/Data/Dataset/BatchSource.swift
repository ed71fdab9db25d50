/// A batch of samples, ready for the engine.
public struct Batch: Sendable {
  /// Which samples of the source these are: [B].
  public let indices: [Int]
  /// [B, T, I].
  public let input: Input
  /// As the loss wants it; nil where the source has no targets.
  public let target: Target?
  /// Of several ranks, which part of a batch these are; nil for one alone. Where it has no samples the
  /// batch holds one, for its shape.
  var share: BatchShare?

  /// A batch of samples.
  public init(indices: [Int], input: Input, target: Target?) {
    self.indices = indices
    self.input = input
    self.target = target
  }
}

/// A rank's part of a batch.
struct BatchShare: Sendable {
  /// Its places in the batch of all ranks.
  let places: Range<Int>
  /// Samples of all ranks.
  let total: Int
}

extension Batch {
  /// Samples of all ranks.
  var total: Int { share?.total ?? input.batch }
}

/// What gives batches of samples: a `Dataset`, an `EncodedDataset`, or a type of your own that
/// makes its samples as they are wanted.
public protocol BatchSource: Sendable {
  /// Samples.
  var count: Int { get }
  /// T of a batch, or of its longest sample.
  var steps: Int { get }
  /// I of a batch.
  var units: Int { get }
  /// The classes of the samples; nil where they have none.
  var labels: ClassLabels? { get }

  /// The samples of these indices, in their order.
  ///
  /// What is random must be a function of the epoch and the sample alone, so that resumed training
  /// sees what uninterrupted training saw. Called on any thread.
  ///
  /// - Throws: where an index is out of range, or there is none.
  func batch(_ indices: [Int], epoch: Int) throws(SpindleError) -> Batch
}

extension BatchSource {
  /// None.
  public var labels: ClassLabels? { nil }
}
