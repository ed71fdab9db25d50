/// One message to a rank while another comes from a second one.
struct Trade: Equatable {
  /// Bytes to send; nil where no more are left.
  var send: Range<Int>?
  /// Bytes that come in; nil where no more are left.
  var receive: Range<Int>?

  /// Cuts what goes to one rank and what comes from another into messages. Both ends of a message cut
  /// the same bytes at the same places, whatever else they send and receive.
  ///
  /// - Parameters:
  ///   - send: bytes that go out; none where it is empty.
  ///   - receive: bytes that come in; none where it is empty.
  ///   - largest: the most bytes of a message.
  static func all(sending send: Range<Int>, receiving receive: Range<Int>, largest: Int) -> [Trade]
  {
    let (out, into) = (pieces(of: send, largest), pieces(of: receive, largest))
    return (0..<max(out.count, into.count)).map { index in
      Trade(
        send: index < out.count ? out[index] : nil,
        receive: index < into.count ? into[index] : nil)
    }
  }

  private static func pieces(of range: Range<Int>, _ largest: Int) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: largest).map { start in
      start..<start + min(largest, range.upperBound - start)
    }
  }
}

/// The bytes of each rank in a buffer.
struct RankRanges {
  private let offsets: [Int]

  /// Refuses offsets that are not [ranks + 1], ascending and within the buffer.
  init?(_ offsets: [Int], ranks: Int, byteCount: Int) {
    guard offsets.count == ranks + 1, offsets[0] >= 0, offsets[ranks] <= byteCount,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    self.offsets = offsets
  }

  subscript(rank: Int) -> Range<Int> { offsets[rank]..<offsets[rank + 1] }

  /// Where the last range ends.
  var end: Int { offsets[offsets.count - 1] }
  /// Bytes of each rank, where they fit a message.
  var counts: [Int32] {
    zip(offsets, offsets.dropFirst()).map { Int32(truncatingIfNeeded: $1 - $0) }
  }
  /// Where each rank's bytes begin, where they fit a message.
  var begins: [Int32] { offsets.dropLast().map { Int32(truncatingIfNeeded: $0) } }
}
