/// A small seeded generator (Steele, Lea and Flood 2014), so that every test's numbers are the same.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }
  mutating func float(_ range: ClosedRange<Float>) -> Float { .random(in: range, using: &self) }
  mutating func flag(_ probability: Double = 0.5) -> Bool {
    .random(in: 0..<1, using: &self) < probability
  }
}
