import Dispatch
import Spindle
import Synchronization

/// Ranks that are threads of this process.
///
/// Each call waits until every rank has handed in what it sends, takes what it gets, and waits until
/// all have taken theirs. What a rank sends to others is counted.
public final class LocalCommunicator: Communicator {
  /// This rank, from 0.
  public let rank: Int
  private let meeting: Meeting
  private let count = Mutex(0)

  /// How many there are.
  public var ranks: Int { meeting.ranks }
  /// Bytes that this rank has sent to others.
  public var bytesSent: Int { count.withLock { $0 } }

  fileprivate init(rank: Int, _ meeting: Meeting) {
    self.rank = rank
    self.meeting = meeting
  }

  /// As the protocol says; counts what goes to others.
  public func gather(
    _ data: inout MutableRawSpan, offsets: [Int]
  ) throws(CommunicationError) {
    let own = bytes(data.bytes, offsets[rank]..<offsets[rank + 1])
    send((ranks - 1) * own.count)
    let all = try meeting.share(own, rank: rank)
    for (from, values) in all.enumerated() {
      guard values.count == offsets[from + 1] - offsets[from] else {
        throw CommunicationError("rank \(from) gathers \(values.count) bytes")
      }
      if from != rank { store(values, at: offsets[from], in: &data) }
    }
  }

  /// As the protocol says; counts what goes to others.
  public func exchange(
    _ send: RawSpan, offsets sendOffsets: [Int], into receive: inout MutableRawSpan,
    offsets receiveOffsets: [Int]
  ) throws(CommunicationError) {
    let own = bytes(send, sendOffsets[0]..<sendOffsets[ranks])
    self.send(own.count - (sendOffsets[rank + 1] - sendOffsets[rank]))
    let places = try meeting.share(sendOffsets, rank: rank)
    let all = try meeting.share(own, rank: rank)
    for from in 0..<ranks {
      let mine = places[from][rank]..<places[from][rank + 1]
      guard mine.count == receiveOffsets[from + 1] - receiveOffsets[from] else {
        throw CommunicationError("rank \(from) sends \(mine.count) bytes")
      }
      store(Array(all[from][mine]), at: receiveOffsets[from], in: &receive)
    }
  }

  /// Makes the calls that wait, and those to come, fail.
  public func leave() { meeting.end() }

  private func send(_ bytes: Int) { count.withLock { $0 += bytes } }

  private func bytes(_ span: RawSpan, _ range: Range<Int>) -> [UInt8] {
    unsafe span.withUnsafeBytes { unsafe Array($0[range]) }
  }

  private func store(_ values: [UInt8], at offset: Int, in span: inout MutableRawSpan) {
    unsafe span.withUnsafeMutableBytes { memory in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyBytes(from: values)
    }
  }
}

/// Where the ranks hand over what they share.
private final class Meeting: Sendable {
  private struct State {
    var given: [Int: any Sendable] = [:]
    /// What all gave in the last call, and how many calls there were.
    var all: [any Sendable] = []
    var calls = 0
    var isOver = false
  }

  let ranks: Int
  private let state = Mutex(State())
  private let turns: [DispatchSemaphore]

  init(ranks: Int) {
    self.ranks = ranks
    turns = (0..<ranks).map { _ in DispatchSemaphore(value: 0) }
  }

  /// The values of all ranks. The last to give wakes the others, and none can give for the next call
  /// before it has taken those of this one: so `all` stays until every rank has.
  func share<Value: Sendable>(
    _ value: Value, rank: Int
  ) throws(CommunicationError) -> [Value] {
    try meet(rank) { state in state.given[rank] = value }
    let all = state.withLock { $0.all.compactMap { $0 as? Value } }
    guard all.count == ranks else { throw CommunicationError("the ranks make different calls") }
    try meet(rank) { _ in }
    return all
  }

  /// Waits until all are here. A rank may leave as soon as they are: the others still meet.
  private func meet(
    _ rank: Int, _ give: (inout State) -> Void
  ) throws(CommunicationError) {
    // The calls that there are once all are here.
    let complete = state.withLock { state -> Int? in
      guard !state.isOver else { return nil }
      give(&state)
      let complete = (state.calls / ranks + 1) * ranks
      state.calls += 1
      if state.calls == complete {
        if !state.given.isEmpty { state.all = (0..<ranks).map { state.given[$0] ?? 0 } }
        state.given = [:]
        for turn in turns { turn.signal() }
      }
      return complete
    }
    guard let complete else { throw CommunicationError("a rank has left") }
    turns[rank].wait()
    if state.withLock({ $0.calls < complete }) { throw CommunicationError("a rank has left") }
  }

  func end() {
    state.withLock { $0.isOver = true }
    for turn in turns { turn.signal() }
  }
}

/// Runs as many ranks at a time, each on a thread of its own; gives what each returns. Where one
/// throws the others' calls fail, and the first error is thrown.
public func withRanks<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (LocalCommunicator) throws -> Result
) throws -> [Result] {
  let meeting = Meeting(ranks: count)
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  let firstError = Mutex<(any Error)?>(nil)
  let group = DispatchGroup()
  for rank in 0..<count {
    // Queues of their own have threads of their own, however many others wait.
    DispatchQueue(label: "rank \(rank)").async(group: group) {
      let result = Swift.Result { try body(LocalCommunicator(rank: rank, meeting)) }
      if case .failure(let error) = result {
        firstError.withLock { $0 = $0 ?? error }
        meeting.end()
      }
      results.withLock { $0[rank] = result }
    }
  }
  group.wait()
  if let error = firstError.withLock({ $0 }) { throw error }
  return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
}
