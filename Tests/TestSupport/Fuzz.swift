import Foundation

/// Feeds mutated files to a reader.
///
/// SPINDLE_FUZZ_SECONDS sets how long each run takes, by default one second; with it the seed
/// differs from run to run unless SPINDLE_FUZZ_SEED gives it. A crash can be repeated with the seed
/// printed at the start.
package struct Fuzz {
  /// A run that found something.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private let seconds: Double
  private let seed: UInt64

  package init() {
    let environment = ProcessInfo.processInfo.environment
    let asked = environment["SPINDLE_FUZZ_SECONDS"].flatMap(Double.init)
    seconds = asked ?? 1
    seed =
      environment["SPINDLE_FUZZ_SEED"].flatMap(UInt64.init)
      ?? (asked == nil ? 1 : UInt64.random(in: 0...UInt64.max))
  }

  /// Calls `body` with mutations of the `files`, at least a few thousand; `body` returns whether
  /// the file was accepted and throws where something is wrong with the reader.
  package func run(
    _ name: String, _ files: [[UInt8]], words: [String], _ body: ([UInt8]) throws -> Bool
  ) throws {
    print("\(name): SPINDLE_FUZZ_SEED=\(seed)")
    var mutator = Mutator(seeds: files, words: words, seed: seed)
    let start = ContinuousClock.now
    var (tried, accepted) = (0, 0)
    while tried < 4000 || start.duration(to: .now) < .seconds(seconds) {
      let bytes = mutator.next()
      tried += 1
      do {
        if try body(bytes) { accepted += 1 }
      } catch {
        throw Failure(description: "seed \(seed), file \(tried), \(error): \(bytes)")
      }
    }
    print("\(name): \(tried) files, \(accepted) of them accepted")
    guard accepted > 0 && accepted < tried else {
      throw Failure(description: "the mutations are too mild or too wild")
    }
  }
}

/// What a file that was accepted has wrong.
package struct Unsound: Error {
  package let what: String

  package init(what: String) { self.what = what }
}
