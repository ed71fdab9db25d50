import CSpindle
import Synchronization

/// A rank's way to the others: what the core calls, and what the library gathers by itself.
final class RankLink: Sendable {
  let communicator: any Communicator
  /// Why the others could not be reached, where the core says so.
  private let failure = Mutex<CommunicationError?>(nil)

  /// Nil for one rank alone, which has nobody to talk to.
  ///
  /// - Throws: where the communicator's rank is none of its ranks.
  init?(_ communicator: (any Communicator)?) throws(SpindleError) {
    guard let communicator else { return nil }
    let (rank, ranks) = (communicator.rank, communicator.ranks)
    try require(ranks > 0, "the number of ranks", "at least 1", ranks)
    try require((0..<ranks).contains(rank), "the rank", "from 0 to \(ranks - 1)", rank)
    guard ranks > 1 else { return nil }
    self.communicator = communicator
  }

  var rank: Int { communicator.rank }
  var ranks: Int { communicator.ranks }

  /// The reason of the core's SPINDLE_RANKS_FAILED.
  var error: SpindleError {
    .communication(failure.withLock { $0 } ?? CommunicationError("the ranks cannot be reached"))
  }

  /// As the core takes it; valid as long as the link lives.
  var raw: spindle_exchange {
    unsafe spindle_exchange(
      context: Unmanaged.passUnretained(self).toOpaque(),
      gather: { context, data, offsets in
        guard let context = unsafe context, let data = unsafe data, let offsets = unsafe offsets
        else { return false }
        return unsafe RankLink.of(context).gather(data, offsets)
      },
      exchange: { context, send, sendOffsets, receive, receiveOffsets in
        guard let context = unsafe context, let send = unsafe send, let receive = unsafe receive,
          let sendOffsets = unsafe sendOffsets, let receiveOffsets = unsafe receiveOffsets
        else { return false }
        return unsafe RankLink.of(context).exchange(send, sendOffsets, receive, receiveOffsets)
      })
  }

  private static func of(_ context: UnsafeMutableRawPointer) -> RankLink {
    unsafe Unmanaged<RankLink>.fromOpaque(context).takeUnretainedValue()
  }

  private func list(_ offsets: UnsafePointer<Int>) -> [Int] {
    unsafe Array(UnsafeBufferPointer(start: offsets, count: ranks + 1))
  }

  private func gather(_ data: UnsafeMutableRawPointer, _ offsets: UnsafePointer<Int>) -> Bool {
    let offsets = unsafe list(offsets)
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: data, count: offsets[ranks])
    var span = unsafe bytes.mutableBytes
    do throws(CommunicationError) {
      try communicator.gather(&span, offsets: offsets)
      return true
    } catch {
      failure.withLock { $0 = error }
      return false
    }
  }

  private func exchange(
    _ send: UnsafeRawPointer, _ sendOffsets: UnsafePointer<Int>,
    _ receive: UnsafeMutableRawPointer, _ receiveOffsets: UnsafePointer<Int>
  ) -> Bool {
    let from = unsafe list(sendOffsets)
    let to = unsafe list(receiveOffsets)
    let source = unsafe UnsafeRawBufferPointer(start: send, count: from[ranks]).bytes
    let target = unsafe UnsafeMutableRawBufferPointer(start: receive, count: to[ranks])
    var span = unsafe target.mutableBytes
    do throws(CommunicationError) {
      try communicator.exchange(source, offsets: from, into: &span, offsets: to)
      return true
    } catch {
      failure.withLock { $0 = error }
      return false
    }
  }
}

extension RankLink {
  /// The values of all ranks, one rank's after another's.
  ///
  /// - Parameters:
  ///   - own: this rank's.
  ///   - counts: how many each has.
  func gather<Value: BitwiseCopyable>(
    _ own: [Value], counts: [Int], zero: Value
  ) throws(SpindleError) -> [Value] {
    var offsets = [0]
    for count in counts { offsets.append(offsets[offsets.count - 1] + count) }
    var all = [Value](repeating: zero, count: offsets[ranks])
    all.replaceSubrange(offsets[rank]..<offsets[rank + 1], with: own)
    let bytes = offsets.map { $0 * MemoryLayout<Value>.stride }
    do throws(CommunicationError) {
      var span = all.mutableSpan
      var raw = unsafe span.mutableBytes
      try communicator.gather(&raw, offsets: bytes)
    } catch {
      throw .communication(error)
    }
    return all
  }

  /// The sums of the counts of all ranks.
  func sum(_ counts: [UInt64]) throws(SpindleError) -> [UInt64] {
    let each = [Int](repeating: counts.count, count: ranks)
    let all = try gather(counts, counts: each, zero: 0)
    return counts.indices.map { index in
      (0..<ranks).reduce(0) { $0 &+ all[$1 * counts.count + index] }
    }
  }

  /// Whether any rank says so.
  func any(_ flag: Bool) throws(SpindleError) -> Bool {
    let flags = try gather(
      [flag ? 1 : 0] as [UInt8], counts: [Int](repeating: 1, count: ranks), zero: 0)
    return flags.contains(1)
  }
}

extension RankLink? {
  /// The sums over all ranks; of one alone its own.
  func sum(_ counts: [UInt64]) throws(SpindleError) -> [UInt64] {
    try self?.sum(counts) ?? counts
  }

  /// Whether any rank says so.
  func any(_ flag: Bool) throws(SpindleError) -> Bool { try self?.any(flag) ?? flag }

  /// Whether this rank writes the files that all share.
  var writes: Bool { self.map { $0.rank == 0 } ?? true }
}

extension Workspace {
  /// Makes the firing rates those of all ranks.
  mutating func gatherRates() throws(SpindleError) {
    try check(unsafe spindle_gather_rates(handle))
  }

  /// Gives each rank all of an array that is laid out as the parameters and of which each has a
  /// slice.
  mutating func gatherSlices(_ values: inout [Float]) throws(SpindleError) {
    guard link != nil else { return }
    let handle = unsafe handle
    let status = unsafe values.withUnsafeMutableBufferPointer {
      unsafe spindle_gather_slices(handle, $0.baseAddress)
    }
    try check(status)
  }
}
