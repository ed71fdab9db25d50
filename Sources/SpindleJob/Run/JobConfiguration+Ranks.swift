import Spindle

extension JobConfiguration {
  /// Where and how the engine runs, in the parts that training is told.
  var engine: Execution {
    var engine = execution
    engine.parts = training.parts
    return engine
  }

  /// Refuses more processes than parts of a batch, of which each has at least one to itself.
  ///
  /// - Parameters:
  ///   - communicator: the processes.
  ///   - network: before training.
  ///   - steps: T of a training step.
  func check(
    _ communicator: any Communicator, _ network: Network, steps: Int
  ) throws(JobError) {
    func parts(_ wanted: Int?) throws(JobError) -> Int {
      var execution = engine
      execution.parts = wanted
      return try rethrowing(
        try network.plan(batch: training.batch, steps: steps, execution: execution).parts,
        as: JobError.refused)
    }
    let (ranks, now) = (communicator.ranks, try parts(training.parts))
    guard ranks > now else { return }
    let most = try parts(min(ranks, Execution.maximumParts))
    throw .configuration(
      "\(ranks) processes need as many parts of a batch, and there are \(now): "
        + (most >= ranks
          ? "--set training.parts=\(ranks), whose bits one process gives, too"
          : "a batch of \(training.batch) makes at most \(most), so start at most \(most) or take a "
            + "larger training.batch"))
  }
}

extension Communicator {
  /// Refuses texts that are not the same at every rank.
  ///
  /// - Parameters:
  ///   - texts: of this rank.
  ///   - what: they say, as in "the configuration".
  /// - Throws: `JobError.configuration` at every rank, with the first that differs from rank 0.
  func requireSame(_ texts: [String], _ what: String) throws(JobError) {
    var check = Checksum()
    for text in texts { check.add(text) }
    var sums = [UInt64](repeating: 0, count: ranks)
    sums[rank] = check.value
    let offsets = (0...ranks).map { $0 * MemoryLayout<UInt64>.size }
    do throws(CommunicationError) {
      var span = sums.mutableSpan
      var bytes = span.mutableBytes
      try gather(&bytes, offsets: offsets)
    } catch {
      throw .failed(error.description)
    }
    guard let other = sums.firstIndex(where: { $0 != sums[0] }) else { return }
    throw .configuration("rank \(other) has another \(what) than rank 0")
  }
}
