import Foundation

/// Philox4x32-10 (Salmon et al. 2011) one block at a time, independent of the C core.
enum Philox {
  static func block(_ counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let a = UInt64(c[0]) * 0xD251_1F53
      let b = UInt64(c[2]) * 0xCD9E_8D57
      c = [
        UInt32(b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
      ]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }

  /// Number `index` of a stream, as the header documents: of 64 in a row, number j is word j / 16
  /// of block 16 (index / 64) + j % 16.
  static func number(seed: UInt64, stream: UInt64, _ index: UInt64) -> UInt32 {
    let j = index % 64
    let block = index / 64 * 16 + j % 16
    return Self.block(halves(block) + halves(stream), key: halves(seed))[Int(j / 16)]
  }

  private static func halves(_ x: UInt64) -> [UInt32] {
    [UInt32(truncatingIfNeeded: x), UInt32(x >> 32)]
  }
}
