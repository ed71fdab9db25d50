import Foundation
import Spindle
import Synchronization
import Testing

/// Batches made in the background: the same ones in the same order, whatever the timing.
struct BatchLoaderTests {
  /// Samples that hold their own index; slow, or failing, where the test wants it.
  private final class Source: BatchSource {
    let count: Int
    let steps = 1
    let units = 1
    let delay: @Sendable (Int) -> Void
    let failing: Int?
    /// Calls begun and calls ended.
    let calls = Mutex((begun: 0, ended: 0))

    init(count: Int, failing: Int? = nil, delay: @escaping @Sendable (Int) -> Void = { _ in }) {
      self.count = count
      self.failing = failing
      self.delay = delay
    }

    func batch(_ indices: [Int], epoch: Int) throws(SpindleError) -> Batch {
      calls.withLock { $0.begun += 1 }
      defer { calls.withLock { $0.ended += 1 } }
      delay(indices[0])
      if let failing, indices.contains(failing) { throw .invalidNetwork("sample \(failing)") }
      let values = indices.map { Float($0 + 1000 * epoch) + 0.5 }
      return Batch(
        indices: indices,
        input: try Input(values, batch: indices.count, steps: 1, units: 1), target: nil)
    }
  }

  private func everything(_ loader: consuming BatchLoader, pause: () -> Void = {}) throws -> [Batch]
  {
    var batches: [Batch] = []
    while let batch = try loader.next() {
      batches.append(batch)
      pause()
    }
    return batches
  }

  @Test func goesThroughTheEpoch() throws {
    for (count, batch, sizes) in [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 5, [3]), (1, 1, [1])] {
      let order = SampleOrder.shuffled(seed: 3)
      let loader = try BatchLoader(Source(count: count), batch: batch, order: order, epoch: 2)
      #expect(loader.batchCount == sizes.count)
      let batches = try everything(loader)
      #expect(batches.map(\.indices.count) == sizes)
      #expect(batches.map(\.input.batch) == sizes)
      let indices = try order.indices(count: count, epoch: 2)
      #expect(batches.flatMap(\.indices) == indices)
      #expect(batches.flatMap(\.input.numbers) == indices.map { Float($0) + 2000.5 })
    }
  }

  @Test func timingChangesNothing() throws {
    let pauses: [(source: @Sendable (Int) -> Void, caller: () -> Void)] = [
      ({ _ in }, {}), ({ _ in usleep(2000) }, {}), ({ _ in }, { usleep(2000) }),
      ({ usleep(UInt32($0 % 3) * 1000) }, { usleep(1000) }),
    ]
    var all: [[[Int]]] = []
    for pause in pauses {
      let source = Source(count: 33, delay: pause.source)
      let loader = try BatchLoader(source, batch: 5, order: .shuffled(seed: 1))
      all.append(try everything(loader, pause: pause.caller).map(\.indices))
    }
    #expect(all.allSatisfy { $0 == all[0] })
  }

  /// The second batch is begun before it is asked for, and the third is not.
  @Test func oneBatchIsMadeAhead() throws {
    let source = Source(count: 9)
    var loader = try BatchLoader(source, batch: 3)
    _ = try loader.next()
    let deadline = ContinuousClock.now + .seconds(60)
    while source.calls.withLock({ $0.ended }) < 2, ContinuousClock.now < deadline { usleep(100) }
    #expect(source.calls.withLock { $0.ended } == 2)
    usleep(5000)
    #expect(source.calls.withLock { $0.begun } == 2)
    #expect(try loader.next()?.indices == [3, 4, 5])
    #expect(loader.position == 2)
  }

  @Test func resumesWithinAnEpoch() throws {
    let source = Source(count: 10)
    let order = SampleOrder.shuffled(seed: 8)
    let all = try everything(BatchLoader(source, batch: 3, order: order, epoch: 1))
    for position in 0...4 {
      let rest = try everything(
        BatchLoader(source, batch: 3, order: order, epoch: 1, position: position))
      #expect(rest.map(\.indices) == all[position...].map(\.indices))
    }
    for position in [-1, 5] {
      expectError("position in an epoch must be from 0 to 4") {
        _ = try BatchLoader(source, batch: 3, position: position)
      }
    }
  }

  @Test func errorsComeAtTheirBatch() throws {
    var loader = try BatchLoader(Source(count: 9, failing: 4), batch: 3)
    #expect(try loader.next()?.indices == [0, 1, 2])
    #expect(throws: SpindleError.invalidNetwork("sample 4")) { _ = try loader.next() }
    #expect(try loader.next()?.indices == [6, 7, 8])
    #expect(try loader.next() == nil)
    #expect(try loader.next() == nil)
  }

  /// When a loader is gone, so is its work: every call that was begun has ended.
  @Test func nothingRunsOnWhenALoaderIsAbandoned() throws {
    for taken in 0..<3 {
      let source = Source(count: 30, delay: { _ in usleep(3000) })
      func takeSome() throws {
        var loader = try BatchLoader(source, batch: 3)
        for _ in 0..<taken { _ = try loader.next() }
      }
      try takeSome()
      let calls = source.calls.withLock { $0 }
      #expect(calls.begun == calls.ended && calls.begun == taken + 1, "\(calls)")
      usleep(10_000)
      #expect(source.calls.withLock { $0.begun } == taken + 1)
    }
  }

  @Test func refusals() throws {
    for batch in [0, -1, Int.max] {
      expectError("the batch") { _ = try BatchLoader(Source(count: 3), batch: batch) }
    }
    expectError("number of samples") { _ = try BatchLoader(Source(count: 0), batch: 1) }
    expectError("an epoch") {
      _ = try BatchLoader(Source(count: 3), batch: 1, order: .shuffled(seed: 0), epoch: -1)
    }
  }
}
