extension Communicator {
  /// A number of each rank, by rank.
  package func gathered(_ number: UInt64) throws(SpindleError) -> [UInt64] {
    guard let link = try RankLink(self) else { return [number] }
    return try link.gather([number], counts: [Int](repeating: 1, count: ranks), zero: 0)
  }
}
