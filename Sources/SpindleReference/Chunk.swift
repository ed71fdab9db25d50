/// Samples that one task computes together.
///
/// The cut of a batch into chunks depends on its size alone, and sums over the batch add the chunks
/// in order: no result depends on the tasks.
struct Chunk: Sendable {
  /// The samples' numbers in the batch.
  let samples: Range<Int>
  /// T.
  let steps: Int

  /// Enough samples to share a weight's way from memory, few enough to stay in cache.
  static let size = 16

  /// The chunks of a batch.
  static func cut(batch: Int, steps: Int) -> [Chunk] {
    stride(from: 0, to: batch, by: size).map {
      Chunk(samples: $0..<min($0 + size, batch), steps: steps)
    }
  }

  /// This chunk's part of a tensor [B,T,N], as [T,S,W] in padded blocks.
  func pack<Scalar: ReferenceScalar>(_ tensor: [Scalar], columns: Int) -> [SIMD16<Scalar>] {
    Array(rows: steps * samples.count, columns: columns) { row, column in
      let sample = samples.lowerBound + row % samples.count
      return tensor[(sample * steps + row / samples.count) * columns + column]
    }
  }

  /// This chunk's part of factors [B,N], as [S,W] in padded blocks.
  func packFactors<Scalar: ReferenceScalar>(
    _ factors: [Scalar], columns: Int
  ) -> [SIMD16<Scalar>] {
    Array(rows: samples.count, columns: columns) {
      factors[(samples.lowerBound + $0) * columns + $1]
    }
  }

  /// This chunk's part of the input [B,T,I], as events in rows [T S].
  func events<Scalar: ReferenceScalar>(_ input: [Scalar], columns: Int) -> Events<Scalar> {
    let rows = steps * samples.count
    var events = Events<Scalar>(rows: rows, count: rows * columns / 16)
    for step in 0..<steps {
      for sample in samples {
        let start = (sample * steps + step) * columns
        events.appendRow(input.span.extracting(start..<start + columns))
      }
    }
    return events
  }
}

/// ``ReferenceSpikeRule`` without its tensors, which are in the trace.
enum ChunkSpikeRule: Sendable {
  case threshold
  case forced
  case smooth
}

extension Sequence where Self: Sendable, Element: Sendable {
  /// `transform` of every element, in order, computed by at most `tasks` tasks at a time.
  func map<Result: Sendable>(
    tasks: Int, _ transform: @escaping @Sendable (Element) -> Result
  ) async -> [Result] {
    guard tasks > 1 else { return map(transform) }
    return await withTaskGroup(of: (Int, Result).self) { group in
      var results: [(Int, Result)] = []
      for (index, element) in enumerated() {
        if index >= tasks, let result = await group.next() { results.append(result) }
        group.addTask { (index, transform(element)) }
      }
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map { $0.1 }
    }
  }
}
