import Spindle
import SpindleFiles

extension JobConfiguration {
  /// Where and how the engine runs, in the parts that training is told.
  var engine: Execution {
    var engine = execution
    engine.parts = training.parts
    return engine
  }
}

extension Communicator {
  /// Refuses texts that are not the same at every rank.
  ///
  /// - Parameters:
  ///   - texts: of this rank.
  ///   - what: they are of, as in "configuration".
  /// - Throws: `JobError.configuration` at every rank, with the first that differs from rank 0.
  func requireSame(_ texts: [String], _ what: String) throws(JobError) {
    var check = Checksum()
    for text in texts { check.add(text) }
    let sums = try rethrowing(try gathered(check.value), as: JobError.refused)
    guard let other = sums.firstIndex(where: { $0 != sums[0] }) else { return }
    throw .configuration("rank \(other) has another \(what) than rank 0")
  }
}
