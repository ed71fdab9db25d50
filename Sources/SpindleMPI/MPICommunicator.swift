#if MPI
  import CMPI
  import Spindle

  #if canImport(Glibc)
    import Glibc
  #else
    import Darwin
  #endif

  /// The processes that mpirun, or a batch system's own launcher, started together.
  ///
  ///     let mpi = try MPICommunicator()
  ///     var trainer = try Trainer(
  ///       network, batch: 256, steps: 100, loss: .meanRateMSE,
  ///       execution: Execution(parts: 8), communicator: mpi)
  ///     ...
  ///     try mpi.finish()
  ///
  /// MPI is begun for one thread of each process: all calls must come from the thread that made the
  /// communicator, as those of a trainer do that is used there. A program begins MPI once.
  public struct MPICommunicator: Communicator {
    /// This process, from 0.
    public let rank: Int
    /// How many there are.
    public let ranks: Int
    /// The most bytes of a message, whose counts MPI takes in 32 bits.
    private let largest: Int

    /// Begins MPI.
    ///
    /// - Throws: where MPI was begun before, or cannot run beside threads that do not call it.
    public init() throws(CommunicationError) {
      var isBegun: Int32 = 0
      try Self.check("cannot be asked", unsafe spindle_mpi_is_begun(&isBegun))
      guard isBegun == 0 else {
        throw CommunicationError("MPI was begun before, which a program can do but once")
      }
      var (suffices, rank, ranks): (Int32, Int32, Int32) = (0, 0, 0)
      try Self.check("cannot begin", unsafe spindle_mpi_begin(&suffices))
      guard suffices != 0 else {
        throw CommunicationError("this MPI cannot run beside threads (MPI_THREAD_FUNNELED)")
      }
      try Self.check("does not tell the rank", unsafe spindle_mpi_rank(&rank))
      try Self.check("does not tell the ranks", unsafe spindle_mpi_ranks(&ranks))
      self.rank = Int(rank)
      self.ranks = Int(ranks)
      largest = Self.largestMessage
    }

    /// Waits for all ranks and ends MPI; no call may follow.
    public func finish() throws(CommunicationError) {
      try Self.check("cannot end", spindle_mpi_end())
    }

    /// Ends the processes of all ranks at once, this one too, whatever they are at.
    ///
    /// - Parameter status: of the program, as mpirun tells it; not 0.
    public func abort(status: Int32) -> Never {
      _ = spindle_mpi_abort(status)
      // An MPI that could not end the others ends this process, which the launcher sees.
      exit(status)
    }

    /// Each rank gives a part of `data`; afterwards each has all of it.
    public func gather(
      _ data: inout MutableRawSpan, offsets: [Int]
    ) throws(CommunicationError) {
      let ranges = try self.ranges(offsets, data.byteCount)
      try unsafe data.withUnsafeMutableBytes { (data) throws(CommunicationError) in
        guard let base = data.baseAddress, ranges.end > 0 else { return }
        if ranges.end <= largest {
          return try Self.check(
            "cannot gather", unsafe spindle_mpi_gather(base, ranges.counts, ranges.begins))
        }
        try trade { to, from throws(CommunicationError) in
          for part in Trade.all(
            sending: ranges[rank], receiving: ranges[from], largest: largest)
          {
            try unsafe send(part, to: to, UnsafeRawPointer(base), from: from, base)
          }
        }
      }
    }

    /// Each rank sends a part of `send` to each, itself included.
    public func exchange(
      _ send: RawSpan, offsets sendOffsets: [Int], into receive: inout MutableRawSpan,
      offsets receiveOffsets: [Int]
    ) throws(CommunicationError) {
      let out = try ranges(sendOffsets, send.byteCount)
      let into = try ranges(receiveOffsets, receive.byteCount)
      guard out[rank].count == into[rank].count else {
        throw CommunicationError(
          "rank \(rank) has \(out[rank].count) bytes for itself and expects \(into[rank].count)")
      }
      try unsafe send.withUnsafeBytes { (send) throws(CommunicationError) in
        try unsafe receive.withUnsafeMutableBytes { (receive) throws(CommunicationError) in
          unsafe UnsafeMutableRawBufferPointer(rebasing: receive[into[rank]])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: send[out[rank]]))
          try trade { to, from throws(CommunicationError) in
            for part in Trade.all(sending: out[to], receiving: into[from], largest: largest) {
              try unsafe self.send(part, to: to, send.baseAddress, from: from, receive.baseAddress)
            }
          }
        }
      }
    }

    /// Calls with each pair of other ranks: in turn, so that at any moment each rank sends to one and
    /// receives from one.
    private func trade(
      _ body: (_ to: Int, _ from: Int) throws(CommunicationError) -> Void
    ) throws(CommunicationError) {
      for distance in 1..<max(ranks, 1) {
        try body((rank + distance) % ranks, (rank + ranks - distance) % ranks)
      }
    }

    /// The ranges of a part lie in the buffers, and fit 32 bits.
    private func send(
      _ part: Trade, to: Int, _ out: UnsafeRawPointer?, from: Int, _ into: UnsafeMutableRawPointer?
    ) throws(CommunicationError) {
      try Self.check(
        "cannot send and receive",
        unsafe spindle_mpi_trade(
          part.send.flatMap { unsafe out?.advanced(by: $0.lowerBound) },
          Int32(part.send?.count ?? 0), part.send == nil ? -1 : Int32(to),
          part.receive.flatMap { unsafe into?.advanced(by: $0.lowerBound) },
          Int32(part.receive?.count ?? 0), part.receive == nil ? -1 : Int32(from)))
    }

    private func ranges(
      _ offsets: [Int], _ byteCount: Int
    ) throws(CommunicationError) -> RankRanges {
      guard let ranges = RankRanges(offsets, ranks: ranks, byteCount: byteCount) else {
        throw CommunicationError(
          "expected \(ranks + 1) ascending offsets up to \(byteCount), got \(offsets)")
      }
      return ranges
    }

    private static func check(_ what: String, _ status: Int32) throws(CommunicationError) {
      guard status != 0 else { return }
      var text = [CChar](repeating: 0, count: SPINDLE_MPI_ERROR_TEXT)
      _ = unsafe spindle_mpi_error_text(status, &text)
      let words = String(
        decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw CommunicationError("MPI \(what): \(words.isEmpty ? "status \(status)" : words)")
    }

    /// SPINDLE_MPI_LARGEST, for tests, or what 32 bits hold.
    private static var largestMessage: Int {
      let text = unsafe getenv("SPINDLE_MPI_LARGEST").map { unsafe String(cString: $0) }
      guard let count = text.flatMap({ Int($0) }), count > 0 else { return Int(Int32.max) }
      return min(count, Int(Int32.max))
    }
  }
#endif
