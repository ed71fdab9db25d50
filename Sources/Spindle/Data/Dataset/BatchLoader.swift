import Dispatch
import Synchronization

/// Goes through the samples of an epoch batch by batch, and prepares the next batch on another
/// thread while the caller works on this one. The batches and their order do not depend on timing.
///
///     var loader = try BatchLoader(dataset, batch: 100, order: .shuffled(seed: 1), epoch: epoch)
///     while let batch = try loader.next() { ... }
///
/// A loader that goes out of use early waits for the batch under way and leaves nothing running.
public struct BatchLoader: ~Copyable {
  /// Batches in the epoch; the last is smaller where the samples do not fill it.
  public let batchCount: Int
  /// Batches that `next` has given, counted from the beginning of the epoch.
  public private(set) var position: Int

  private let source: any BatchSource
  private let size: Int
  private let epoch: Int
  private let order: [Int]
  /// A rank's places in the batches; nil for one alone.
  private let places: BatchPlaces?
  private let queue = DispatchQueue(label: "spindle.batches", qos: .userInitiated)
  /// The batch under way.
  private var pending: PendingBatch?

  /// Begins to prepare the first batch.
  ///
  /// - Parameters:
  ///   - source: where the batches come from.
  ///   - batch: B, samples of a batch.
  ///   - order: in which order the epoch goes through the samples.
  ///   - epoch: counted from 0; decides the order and what is random in the samples.
  ///   - position: the first batch to give, as `position` told it, where an epoch is resumed.
  public init(
    _ source: any BatchSource, batch: Int, order: SampleOrder = .given, epoch: Int = 0,
    position: Int = 0
  ) throws(SpindleError) {
    try self.init(
      source, batch: batch, order: order, epoch: epoch, position: position, places: nil)
  }

  /// The same of a rank, which makes its share of each batch alone.
  init(
    _ source: any BatchSource, batch: Int, order: SampleOrder = .given, epoch: Int = 0,
    position: Int = 0, places: BatchPlaces?
  ) throws(SpindleError) {
    try Limits.check(batch, "the batch")
    try Limits.check(source.count, "the number of samples")
    let batchCount = (source.count - 1) / batch + 1
    try require(
      (0...batchCount).contains(position), "the position in an epoch", "from 0 to \(batchCount)",
      position)
    let indices = try order.indices(count: source.count, epoch: epoch)
    self.batchCount = batchCount
    self.source = source
    self.order = indices
    self.epoch = epoch
    self.position = position
    size = batch
    self.places = places
    pending = prepare(position)
  }

  deinit { _ = pending?.wait() }

  /// The next batch; nil at the end of the epoch. Waits where it is not ready yet.
  ///
  /// - Throws: what the source threw when it made this batch; after that, the batches that follow
  ///   can still be had.
  public mutating func next() throws(SpindleError) -> Batch? {
    guard let ready = pending else { return nil }
    let result = ready.wait()
    position += 1
    pending = prepare(position)
    return try result.get()
  }

  /// Has a batch made on the queue's thread; nil behind the last.
  private func prepare(_ number: Int) -> PendingBatch? {
    guard number < batchCount else { return nil }
    let all = Array(order[number * size..<min((number + 1) * size, order.count)])
    let share = places.map {
      BatchShare(places: all.count == size ? $0.full : $0.last, total: all.count)
    }
    let indices = share.map { Array(all[$0.places.isEmpty ? 0..<1 : $0.places]) } ?? all
    let pending = PendingBatch()
    let (source, epoch) = (source, epoch)
    queue.async {
      do throws(SpindleError) {
        var batch = try source.batch(indices, epoch: epoch)
        batch.share = share
        pending.fulfil(.success(batch))
      } catch {
        pending.fulfil(.failure(error))
      }
    }
    return pending
  }
}

/// A rank's places in a batch, and in the last of an epoch, which may be smaller.
struct BatchPlaces {
  let full: Range<Int>
  let last: Range<Int>
}

/// A batch that another thread makes.
private final class PendingBatch: Sendable {
  private let result = Mutex<Result<Batch, SpindleError>?>(nil)
  private let isReady = DispatchSemaphore(value: 0)

  func fulfil(_ made: Result<Batch, SpindleError>) {
    result.withLock { $0 = made }
    isReady.signal()
  }

  /// Waits for the batch. Called once.
  func wait() -> Result<Batch, SpindleError> {
    isReady.wait()
    return result.withLock { $0 } ?? .failure(.engine("a batch was not made"))
  }
}
