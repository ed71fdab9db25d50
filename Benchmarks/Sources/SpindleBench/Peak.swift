import CPeak
import Dispatch
import Spindle

/// The peak of multiply-adds in registers.
enum Peak {
  /// Operations a second of `threads` threads at once with the instructions of `isa`: the best of
  /// five runs of about 30 ms, so that shares of it are never flattered.
  static func operationsPerSecond(isa: ISA, threads: Int) -> Double {
    let clock = ContinuousClock()
    var rounds: UInt64 = 1 << 12
    func run() -> (operations: Double, seconds: Double) {
      let rounds = rounds
      let operations = operationsPerRound(isa)
      let duration = clock.measure {
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
          _ = unsafe peak_run(isa.rawValue, rounds)
        }
      }
      return (operations * Double(rounds) * Double(threads), duration.inSeconds)
    }
    while run().seconds < 0.03, rounds < 1 << 40 { rounds *= 2 }
    return (0..<5).map { _ in
      let (operations, seconds) = run()
      return operations / seconds
    }.max() ?? .nan
  }

  private static func operationsPerRound(_ isa: ISA) -> Double {
    Double(unsafe peak_run(isa.rawValue, 1))
  }
}
