extension Dataset {
  /// 16 hexadecimal digits that tell this dataset from others: of the sizes, every sample's numbers,
  /// the lengths and every target, in their order, whatever file or form they come from. Names of classes are
  /// left out. O(count T I).
  ///
  /// It finds data that were exchanged by mistake, not by design.
  public var fingerprint: String {
    var hash = Fingerprint()
    for size in [count, steps, units] { hash.add(UInt64(size)) }
    switch samples {
    case .signals(let values): hash.add(values)
    case .events(let events):
      for sample in 0..<count {
        let places = events[sample]
        hash.add(UInt64(places.count))
        for place in places { hash.add(UInt64(place)) }
      }
    case .spikes(let words): addSpikes(words, to: &hash)
    }
    // Nothing for none, so that data without lengths have the fingerprint that they always had.
    for length in lengths ?? [] { hash.add(UInt64(length)) }
    switch targets {
    case .none: hash.add(0)
    case .classes(let labels):
      hash.add(1)
      for label in labels.labels { hash.add(UInt64(bitPattern: Int64(label))) }
    case .values(let tensor), .shared(let tensor):
      hash.add(2)
      for size in tensor.shape { hash.add(UInt64(size)) }
      hash.add(tensor.values)
    }
    return hash.text
  }

  /// As lists of events are: the form that a dataset has depends on how it was made.
  private func addSpikes(_ words: [UInt32], to hash: inout Fingerprint) {
    let width = Samples.words(units)
    for sample in 0..<count {
      let range = sample * steps * width..<(sample + 1) * steps * width
      hash.add(UInt64(words[range].reduce(0) { $0 + $1.nonzeroBitCount }))
      for index in range where words[index] != 0 {
        let (step, word) = (index - range.lowerBound).quotientAndRemainder(dividingBy: width)
        var bits = words[index]
        while bits != 0 {
          hash.add(UInt64(step * units + word * 32 + bits.trailingZeroBitCount))
          bits &= bits - 1
        }
      }
    }
  }
}

/// A hash of 64-bit words in their order: the finalizer of MurmurHash3 over a running state, in two
/// halves of which each multiplies by an odd constant.
private struct Fingerprint {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0xFF51_AFD7_ED55_8CCD
    state = (state ^ state >> 33) &* 0xC4CE_B9FE_1A85_EC53
    state ^= state >> 29
  }

  mutating func add(_ values: [Float]) {
    add(UInt64(values.count))
    for value in values { add(UInt64(value.bitPattern)) }
  }

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
