import Foundation

/// Changes a few bytes of a file at a time, as a bad disk or a bad person would: the length stays, so
/// that the file's structures stay where they are.
package struct RandomDamage {
  private let original: [UInt8]
  private var random: SplitMix64

  package init(_ original: [UInt8], seed: UInt64) {
    self.original = original
    random = SplitMix64(seed: seed)
  }

  /// How many changes a test of a large file makes: SPINDLE_DAMAGES, or as many as take a second or
  /// two without optimisation.
  package static var count: Int {
    ProcessInfo.processInfo.environment["SPINDLE_DAMAGES"].flatMap { Int($0) } ?? 60
  }

  /// A change to the original.
  package mutating func next() -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes[place] = [0, 1, 0x7F, 0xFF][Int.random(in: 0..<4, using: &random)]
      case 3:
        // A word from elsewhere: addresses and sizes that lead to other structures.
        let source = Int.random(in: 0..<bytes.count, using: &random) / 8 * 8
        for offset in 0..<8 where place / 8 * 8 + offset < bytes.count {
          if source + offset < bytes.count {
            bytes[place / 8 * 8 + offset] = original[source + offset]
          }
        }
      default:
        // What is not zero is where the structures are.
        if let used = bytes[place...].firstIndex(where: { $0 != 0 }) {
          bytes[used] = UInt8.random(in: 0...255, using: &random)
        }
      }
    }
    return bytes
  }
}
