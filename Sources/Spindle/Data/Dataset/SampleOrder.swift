/// In which order an epoch goes through the samples.
public enum SampleOrder: Sendable, Equatable {
  /// As they stand.
  case given
  /// Anew in each epoch: the order is a function of the seed and the epoch alone.
  case shuffled(seed: UInt64)

  /// The indices 0..<count in the order of an epoch, counted from 0. O(count).
  public func indices(count: Int, epoch: Int) throws(SpindleError) -> [Int] {
    switch self {
    case .given: return Array(0..<count)
    case .shuffled(let seed):
      var random = RandomStream(seed: seed, stream: try .of(.shuffle, epoch: epoch))
      return try random.permutation(count: count)
    }
  }
}

/// What the random numbers of a run are for; each has 2^32 streams of the run's seed.
enum StreamPurpose: UInt64 {
  case shuffle = 2
  case encoder = 3
  case split = 5
}

extension UInt64 {
  /// The stream of a purpose in an epoch.
  static func of(_ purpose: StreamPurpose, epoch: Int) throws(SpindleError) -> UInt64 {
    guard let epoch = UInt32(exactly: epoch) else {
      throw .invalidValue(
        what: "an epoch", expected: "from 0 to \(UInt32.max)", got: "\(epoch)")
    }
    return purpose.rawValue << 32 + UInt64(epoch)
  }
}

extension RandomStream {
  /// The numbers 0..<count in random order (Durstenfeld 1964). Each choice is taken from 64 random
  /// bits, so that no order's probability is off by more than count^2 / 2^64 of itself.
  mutating func permutation(count: Int) throws(SpindleError) -> [Int] {
    let words = try bits(count: 2 * count)
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let random = UInt64(words[2 * last]) << 32 | UInt64(words[2 * last + 1])
      order.swapAt(last, Int(random.multipliedFullWidth(by: UInt64(last) + 1).high))
    }
    return order
  }
}
