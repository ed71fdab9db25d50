/// Makes files by one to four random changes to one of some valid files.
package struct Mutator {
  private let seeds: [[UInt8]]
  /// Pieces of headers, to insert.
  private let words: [[UInt8]]
  private var random: SplitMix64

  package init(seeds: [[UInt8]], words: [String], seed: UInt64) {
    self.seeds = seeds
    self.words = words.map { Array($0.utf8) }
    random = SplitMix64(seed: seed)
  }

  package mutating func next() -> [UInt8] {
    var bytes = seeds[below(seeds.count)]
    // Half of the files keep a length that fits the header, else few would get past it.
    let repairs = below(2) == 0
    for _ in 0...below(1 + below(4)) { mutate(&bytes) }
    if repairs { repairLength(&bytes) }
    return bytes
  }

  private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func range(in bytes: [UInt8]) -> Range<Int> {
    let start = below(bytes.count + 1)
    return start..<min(bytes.count, start + below(12))
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = below(bytes.count)
    switch below(9) {
    case 0: bytes[place] ^= 1 << below(8)
    case 1: bytes[place] = UInt8(below(256))
    // The frame and the first bytes of the header.
    case 2: bytes[place % min(bytes.count, 16)] = UInt8(below(256))
    // A digit for a digit: numbers that still are numbers.
    case 3: replaceDigit(&bytes, from: place)
    case 4: bytes.removeSubrange(range(in: bytes))
    case 5: bytes.removeLast(below(bytes.count))
    case 6: bytes.insert(contentsOf: words[below(words.count)], at: place)
    case 7: bytes.insert(contentsOf: bytes[range(in: bytes)], at: place)
    default:
      let other = seeds[below(seeds.count)]
      bytes.replaceSubrange(place..., with: other.suffix(below(other.count + 1)))
    }
  }

  private mutating func replaceDigit(_ bytes: inout [UInt8], from start: Int) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let place = bytes[start...].firstIndex(where: digits.contains) else { return }
    bytes[place] = UInt8(ascii: "0") + UInt8(below(10))
  }

  /// Sets the first eight bytes to the length up to the last brace and the spaces after it.
  ///
  /// A .npy file has no such length and stays as it is.
  private func repairLength(_ bytes: inout [UInt8]) {
    guard bytes.count >= 8, bytes[0] != 0x93,
      let last = bytes.lastIndex(of: UInt8(ascii: "}")), last >= 8
    else { return }
    let padding = bytes[(last + 1)...].prefix { $0 == UInt8(ascii: " ") }
    let length = UInt64(last - 7 + padding.count)
    for place in 0..<8 { bytes[place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
  }
}
