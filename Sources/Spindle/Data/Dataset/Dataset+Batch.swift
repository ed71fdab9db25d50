extension Dataset: BatchSource {
  /// The classes of the samples; nil where they have none.
  public var labels: ClassLabels? { targets.labels }

  /// The samples of these indices, in their order, the same in every epoch. One copy of the
  /// numbers. O(B T I), for events O(B T I / 32 + events).
  ///
  /// - Throws: where an index is out of range, or there is none.
  public func batch(_ indices: [Int], epoch: Int = 0) throws(SpindleError) -> Batch {
    try checkIndices(indices)
    if case .signals = samples {
      try checkMemory(
        [indices.count, steps, units], bytes: MemoryLayout<Float>.size, of: "a batch")
    }
    let input: Input =
      switch samples {
      case .signals(let values):
        .signal(
          Signal(
            batch: indices.count, steps: steps, units: units,
            values: rows(values, indices, width: units)))
      case .spikes(let words):
        .spikes(
          SpikeTrain(
            batch: indices.count, steps: steps, units: units,
            words: rows(words, indices, width: Samples.words(units))))
      case .events(let events): .spikes(try train(events, indices))
      }
    return Batch(
      indices: indices, input: try input.with(lengths: lengths(of: indices)),
      target: targets.batch(indices))
  }

  /// The steps of these samples; nil where all have T.
  func lengths(of indices: [Int]) -> [Int]? {
    lengths.map { lengths in indices.map { lengths[$0] } }
  }

  /// The whole dataset as one batch.
  public func batch() throws(SpindleError) -> Batch { try batch(Array(0..<count)) }

  /// Rows of `width` elements in the engine's order: [count][T][width] to [T][B][width].
  private func rows<Element: BitwiseCopyable>(
    _ source: [Element], _ indices: [Int], width: Int
  ) -> [Element] {
    let total = indices.count * steps * width
    return unsafe [Element](unsafeUninitializedCapacity: total) { target, initialized in
      unsafe source.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for (b, index) in indices.enumerated() {
          for t in 0..<steps {
            let row = unsafe source + (index * steps + t) * width
            unsafe (target + (t * indices.count + b) * width).initialize(from: row, count: width)
          }
        }
      }
      initialized = total
    }
  }

  private func train(_ events: EventLists, _ indices: [Int]) throws(SpindleError) -> SpikeTrain {
    var train = try SpikeTrain(batch: indices.count, steps: steps, units: units)
    for (b, index) in indices.enumerated() {
      for place in events[index] {
        let (step, unit) = Int(place).quotientAndRemainder(dividingBy: units)
        train[b, step, unit] = true
      }
    }
    return train
  }
}
