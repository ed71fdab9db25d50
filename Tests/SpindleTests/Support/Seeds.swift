import Foundation

/// `count` seeds from `first` on. SPINDLE_TEST_SEEDS in the environment caps the count, for runs
/// under sanitizers, which are many times slower.
func seeds(from first: UInt64, _ count: Int) -> [UInt64] {
  let cap = ProcessInfo.processInfo.environment["SPINDLE_TEST_SEEDS"].flatMap { Int($0) }
  return (0..<UInt64(min(count, max(cap ?? count, 1)))).map { first + $0 }
}
