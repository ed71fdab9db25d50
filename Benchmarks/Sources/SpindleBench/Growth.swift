import Foundation
import Spindle

/// Whether memory grows with the steps taken.
struct Growth: Encodable {
  let workload: String
  let steps: Int
  let residentBytesBefore: Int
  let residentBytesAfter: Int
  /// What the steps added; negative where memory was given back.
  let grownBytes: Int

  /// W3 made small enough for 10,000 steps in seconds.
  static let shape: (batch: Int, steps: Int, inputs: Int, hidden: Int) = (32, 25, 140, 64)

  /// Takes 100 steps to settle, then `steps` more, and compares the memory resident after each.
  static func measure(_ w3: Workload, _ execution: Execution, steps: Int) throws -> Growth {
    var workload = w3
    (workload.batch, workload.steps, workload.inputs, workload.hidden) = shape
    let run = try EngineRun(Material(workload), execution)
    for index in 0..<100 { try run.step(index) }
    _ = try residentBytes()  // Reading the file takes memory the first time.
    let before = try residentBytes()
    for index in 0..<steps { try run.step(index) }
    let after = try residentBytes()
    return Growth(
      workload: "W3 with batch \(shape.batch), \(shape.steps) steps of time, "
        + "\(shape.inputs) -> \(shape.hidden)", steps: steps, residentBytesBefore: before,
      residentBytesAfter: after, grownBytes: after - before)
  }

  /// For people.
  var summary: String {
    "\(workload): \(steps) steps, resident memory \(residentBytesBefore) bytes before and "
      + "\(residentBytesAfter) after, grown by \(grownBytes)"
  }

  /// What this process has written to and lies in RAM, as Linux counts it page by page. (What statm
  /// tells is off by up to 64 pages a processor, and both grow as code of libraries is first run.)
  private static func residentBytes() throws -> Int {
    let path = "/proc/self/smaps_rollup"
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count > 1, fields[0] == "Anonymous:", let kibibytes = Int(fields[1]) {
        return kibibytes * 1024
      }
    }
    throw BenchmarkError("\(path) does not tell the memory written to")
  }
}
