import Foundation
import Spindle
import Synchronization

#if MPI
  import SpindleMPI
#endif

/// The processes that measure together: one alone, or those of mpirun.
struct Ranks {
  /// Counts what is sent; nil for one alone.
  let communicator: CountingCommunicator?

  static let alone = Ranks(communicator: nil)

  var count: Int { communicator?.ranks ?? 1 }
  /// Whether this one prints.
  var isFirst: Bool { (communicator?.rank ?? 0) == 0 }

  /// Bytes that all ranks sent to others so far; 0 of one alone.
  func bytesSent() throws -> Int { try gather(communicator?.bytesSent ?? 0).reduce(0, +) }

  /// What the first rank says.
  func first(_ flag: Bool) throws -> Bool { try gather(flag ? 1 : 0)[0] == 1 }

  /// A number of each rank, which is not counted.
  private func gather(_ number: Int) throws -> [Int] {
    guard let communicator else { return [number] }
    var numbers = [Int](repeating: number, count: communicator.ranks)
    var span = numbers.mutableSpan
    var bytes = unsafe span.mutableBytes
    try communicator.uncounted.gather(
      &bytes, offsets: (0...communicator.ranks).map { $0 * MemoryLayout<Int>.size })
    return numbers
  }

  /// Runs a body in this process, or in each that mpirun started.
  static func run(_ body: (Ranks) async throws -> Void) async throws {
    #if MPI
      if ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_SIZE"] != nil {
        let mpi = try MPICommunicator()
        do {
          try await body(
            mpi.ranks > 1 ? Ranks(communicator: CountingCommunicator(mpi)) : .alone)
        } catch {
          print("rank \(mpi.rank): \(error)")
          mpi.abort(status: 1)
        }
        return try mpi.finish()
      }
    #endif
    try await body(.alone)
  }
}

/// Counts the bytes that go to other ranks, each as often as there are receivers.
final class CountingCommunicator: Communicator {
  /// The same without counting.
  let uncounted: any Communicator
  private let count = Atomic(0)

  init(_ communicator: any Communicator) { uncounted = communicator }

  var rank: Int { uncounted.rank }
  var ranks: Int { uncounted.ranks }
  var bytesSent: Int { count.load(ordering: .relaxed) }

  func gather(
    _ data: inout MutableRawSpan, offsets: [Int]
  ) throws(CommunicationError) {
    count.add((offsets[rank + 1] - offsets[rank]) * (ranks - 1), ordering: .relaxed)
    try uncounted.gather(&data, offsets: offsets)
  }

  func exchange(
    _ send: RawSpan, offsets sendOffsets: [Int], into receive: inout MutableRawSpan,
    offsets receiveOffsets: [Int]
  ) throws(CommunicationError) {
    let own = sendOffsets[rank + 1] - sendOffsets[rank]
    count.add(sendOffsets[ranks] - sendOffsets[0] - own, ordering: .relaxed)
    try uncounted.exchange(
      send, offsets: sendOffsets, into: &receive, offsets: receiveOffsets)
  }
}
