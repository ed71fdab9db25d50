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
  /// The steps of each encoded sample; nil where all have T'.
  let lengths: [Int]?

  /// Checks that the encoder can encode every sample.
  ///
  /// - Throws: where it refuses the shape of the samples, its own options, or a value.
  public init(
    _ dataset: Dataset, encoder: any InputEncoder, seed: UInt64
  ) throws(SpindleError) {
    (steps, units) = try encoder.shape(steps: dataset.steps, units: dataset.units)
    // A sample, what it becomes, and random numbers or a copy on the way.
    try dataset.checkSampleMemory()
    try checkMemory([steps, units], bytes: 3 * MemoryLayout<Float>.size, of: "an encoded sample")
    for sample in 0..<dataset.count {
      let values = dataset[sample].prefix(dataset.length(of: sample) * dataset.units)
      try encoder.check(Array(values), sample: sample, units: dataset.units)
    }
    lengths = try dataset.lengths?.map { length throws(SpindleError) in
      try encoder.shape(steps: length, units: dataset.units).steps
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
    let input: Input =
      encoder.givesSpikes
      ? .spikes(try train(indices, epoch: epoch)) : .signal(try signal(indices, epoch: epoch))
    return Batch(
      indices: indices,
      input: try input.with(lengths: lengths.map { lengths in indices.map { lengths[$0] } }),
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
      lengths: lengths, identities: dataset.identities)
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
    // The samples one after the other, and in the engine's order.
    try checkMemory(
      [indices.count, steps, units], bytes: 2 * MemoryLayout<Float>.size, of: "a batch")
    var values: [Float] = []
    values.reserveCapacity(indices.count * steps * units)
    for index in indices { values += try encoded(index, epoch: epoch) }
    return try Signal(values, batch: indices.count, steps: steps, units: units)
  }

  /// An encoded sample [T', I'], zero past its length.
  private func encoded(_ index: Int, epoch: Int) throws(SpindleError) -> [Float] {
    var random = RandomStream(seed: seed, stream: try .of(.encoder, epoch: epoch))
    random.seek(to: UInt64(dataset.identities[index]) << 32)
    let length = dataset.length(of: index)
    var values = try encoder.encode(
      Array(dataset[index].prefix(length * dataset.units)), steps: length, units: dataset.units,
      random: &random)
    let end = lengths?[index] ?? steps
    try require(
      values.count == end * units, "an encoded sample", shape: [end, units], [values.count])
    values += repeatElement(0, count: (steps - end) * units)
    try values.checkFinite("an encoded sample")
    if encoder.givesSpikes, let value = values.first(where: { $0 != 0 && $0 != 1 }) {
      throw .invalidValue(
        what: "what an encoder of spikes gives", expected: "0 or 1", got: "\(value)")
    }
    return values
  }
}
