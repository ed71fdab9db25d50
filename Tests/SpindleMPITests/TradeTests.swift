import Testing

@testable import SpindleMPI

/// How bytes are cut into messages, which needs no MPI.
struct TradeTests {
  @Test func theLongerSideGoesOn() {
    #expect(
      Trade.all(sending: 10..<15, receiving: 0..<9, largest: 4) == [
        Trade(send: 10..<14, receive: 0..<4), Trade(send: 14..<15, receive: 4..<8),
        Trade(send: nil, receive: 8..<9),
      ])
    #expect(Trade.all(sending: 3..<3, receiving: 7..<7, largest: 4).isEmpty)
    #expect(
      Trade.all(sending: 3..<3, receiving: 7..<8, largest: 4) == [Trade(send: nil, receive: 7..<8)])
  }

  /// Every byte once, in order, by messages that fit; both ends cut alike, whatever else they do.
  @Test func bothEndsCutAlike() {
    for largest in [1, 2, 3, 7, 64] {
      for bytes in [0, 1, 2, 3, 6, 7, 8, 63, 64, 65] {
        for other in [0, 1, 5, 100] {
          let sender = Trade.all(
            sending: 4..<4 + bytes, receiving: 0..<other, largest: largest
          ).compactMap(\.send)
          let receiver = Trade.all(
            sending: 0..<other / 2, receiving: 9..<9 + bytes, largest: largest
          ).compactMap(\.receive)
          #expect(sender.map(\.count) == receiver.map(\.count))
          #expect(sender.flatMap(Array.init) == Array(4..<4 + bytes))
          #expect(sender.allSatisfy { !$0.isEmpty && $0.count <= largest })
        }
      }
    }
  }

  /// More than Int32 holds, and at its edge; nothing is allocated for them.
  @Test func beyondThirtyTwoBits() {
    let largest = Int(Int32.max)
    let trades = Trade.all(sending: 0..<3 * largest + 1, receiving: 0..<largest, largest: largest)
    #expect(
      trades == [
        Trade(send: 0..<largest, receive: 0..<largest),
        Trade(send: largest..<2 * largest, receive: nil),
        Trade(send: 2 * largest..<3 * largest, receive: nil),
        Trade(send: 3 * largest..<3 * largest + 1, receive: nil),
      ])
  }

  @Test func offsetsAreChecked() throws {
    #expect(RankRanges([0, 3, 3, 5], ranks: 3, byteCount: 5)?[1] == 3..<3)
    for bad in [[0, 3, 5], [0, 3, 2, 5], [-1, 3, 3, 5], [0, 3, 3, 6], [0, 1, 2, 3, 4]] {
      #expect(RankRanges(bad, ranks: 3, byteCount: 5) == nil, "\(bad)")
    }
    let ranges = try #require(RankRanges([1, 3, 3, 5], ranks: 3, byteCount: 9))
    #expect(ranges.counts == [2, 0, 2] && ranges.begins == [1, 3, 3] && ranges.end == 5)
  }
}
