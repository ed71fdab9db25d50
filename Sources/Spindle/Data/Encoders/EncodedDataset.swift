/// A dataset whose samples are encoded as batches are made: random encoders draw anew in each
/// epoch, by the seed, the epoch and the sample's identity alone.
public struct EncodedDataset: BatchSource {
  /// What is encoded.
  public let dataset: Dataset
  /// What encodes.
  public let encoder: any InputEncoder
  /// What random encoders draw from.
  public let seed: UInt64
  /// T' of an encoded sample.
  public let steps: Int
  /// I' of an encoded sample.
  public let units: Int

  /// Checks that the encoder can encode every sample.
  ///
  /// - Throws: where it refuses the shape of the samples, its own options, or a value.
  public init(
    _ dataset: Dataset, encoder: any InputEncoder, seed: UInt64
  ) throws(SpindleError) {
    (steps, units) = try encoder.shape(steps: dataset.steps, units: dataset.units)
    for sample in 0..<dataset.count {
      try encoder.check(dataset[sample], sample: sample, units: dataset.units)
    }
    self.dataset = dataset
    self.encoder = encoder
    self.seed = seed
  }

  /// Samples.
  public var count: Int { dataset.count }
  /// The classes of the samples; nil where they have none.
  public var labels: ClassLabels? { dataset.labels }

  /// The samples of these indices, in their order, as they are in this epoch.
  ///
  /// - Throws: where an index is out of range, or there is none, and what the encoder throws.
  public func batch(_ indices: [Int], epoch: Int = 0) throws(SpindleError) -> Batch {
    try dataset.checkIndices(indices)
    return Batch(
      indices: indices,
      input: encoder.givesSpikes
        ? .spikes(try train(indices, epoch: epoch)) : .signal(try signal(indices, epoch: epoch)),
      target: dataset.targets.batch(indices))
  }

  /// All samples as they are in this epoch, kept: for encoders that draw nothing, which need not
  /// encode again and again.
  ///
  /// - Throws: also where the targets have other steps than the encoded samples.
  public func materialized(epoch: Int = 0) throws(SpindleError) -> Dataset {
    var builder = try SamplesBuilder(count: count, steps: steps, units: units)
    for index in 0..<count { try builder.append(try encoded(index, epoch: epoch)) }
    return try Dataset(
      builder.finish(), count: count, steps: steps, units: units, targets: dataset.targets,
      identities: dataset.identities)
  }

  private func train(_ indices: [Int], epoch: Int) throws(SpindleError) -> SpikeTrain {
    var train = try SpikeTrain(batch: indices.count, steps: steps, units: units)
    for (b, index) in indices.enumerated() {
      let values = try encoded(index, epoch: epoch)
      for place in values.indices where values[place] == 1 {
        let (step, unit) = place.quotientAndRemainder(dividingBy: units)
        train[b, step, unit] = true
      }
    }
    return train
  }

  private func signal(_ indices: [Int], epoch: Int) throws(SpindleError) -> Signal {
    var values: [Float] = []
    values.reserveCapacity(indices.count * steps * units)
    for index in indices { values += try encoded(index, epoch: epoch) }
    return try Signal(values, batch: indices.count, steps: steps, units: units)
  }

  /// An encoded sample [T', I'].
  private func encoded(_ index: Int, epoch: Int) throws(SpindleError) -> [Float] {
    var random = RandomStream(seed: seed, stream: try .of(.encoder, epoch: epoch))
    random.seek(to: UInt64(dataset.identities[index]) << 32)
    let values = try encoder.encode(
      dataset[index], steps: dataset.steps, units: dataset.units, random: &random)
    try require(
      values.count == steps * units, "an encoded sample", shape: [steps, units], [values.count])
    try values.checkFinite("an encoded sample")
    if encoder.givesSpikes, let value = values.first(where: { $0 != 0 && $0 != 1 }) {
      throw .invalidValue(
        what: "what an encoder of spikes gives", expected: "0 or 1", got: "\(value)")
    }
    return values
  }
}
