extension Communicator {
  /// A number of each rank, by rank.
  package func gathered(_ number: UInt64) throws(CommunicationError) -> [UInt64] {
    var numbers = [UInt64](repeating: 0, count: ranks)
    numbers[rank] = number
    var span = numbers.mutableSpan
    var bytes = unsafe span.mutableBytes
    try gather(&bytes, offsets: (0...ranks).map { $0 * MemoryLayout<UInt64>.size })
    return numbers
  }
}
