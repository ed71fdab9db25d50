/// Processes (ranks) that train one network together: each makes the same calls in the same order.
///
/// A rank waits in a call until the others are there. Where one is lost, the others' calls throw:
/// they do not wait for ever.
public protocol Communicator: Sendable {
  /// This rank, from 0.
  var rank: Int { get }
  /// How many there are.
  var ranks: Int { get }

  /// Each rank gives a part of `data`; afterwards each has all of it.
  ///
  /// - Parameters:
  ///   - data: as long at every rank.
  ///   - offsets: [ranks + 1], ascending, equal at every rank: rank r gives the bytes
  ///     [offsets[r], offsets[r + 1]), which may be none.
  /// - Throws: where a rank is lost.
  func gather(_ data: inout MutableRawSpan, offsets: [Int]) throws(CommunicationError)

  /// Each rank sends a part of `send` to each, itself included.
  ///
  /// - Parameters:
  ///   - send: what goes out.
  ///   - sendOffsets: [ranks + 1], ascending: rank s gets the bytes [sendOffsets[s],
  ///     sendOffsets[s + 1]), which may be none.
  ///   - receive: where it comes in; no part of `send`.
  ///   - receiveOffsets: [ranks + 1], ascending: what rank s sends comes to the bytes
  ///     [receiveOffsets[s], receiveOffsets[s + 1]), as many as it sends.
  /// - Throws: where a rank is lost.
  func exchange(
    _ send: RawSpan, offsets sendOffsets: [Int], into receive: inout MutableRawSpan,
    offsets receiveOffsets: [Int]
  ) throws(CommunicationError)
}

/// Ranks that could not reach each other.
public struct CommunicationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// An error by its sentence.
  public init(_ description: String) { self.description = description }
}
