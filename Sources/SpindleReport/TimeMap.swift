/// Values over time by neuron, averaged over blocks of steps when there are more steps than a
/// figure has columns.
struct TimeMap {
  /// More columns than this no screen shows.
  static let mostColumns = 1000

  /// Steps in one column.
  let block: Int
  let columns: Int
  let neurons: Int
  /// [N][columns]; NaN where a block holds no finite value.
  let values: [Float]

  /// Averages `values`, [T][N].
  init(_ values: [Float], steps: Int, neurons: Int) {
    let block = (steps + Self.mostColumns - 1) / Self.mostColumns
    let columns = (steps + block - 1) / block
    var means: [Float] = []
    means.reserveCapacity(neurons * columns)
    for neuron in 0..<neurons {
      for column in 0..<columns {
        var sum = 0.0
        var count = 0
        for step in (column * block)..<min(steps, (column + 1) * block) {
          let value = values[step * neurons + neuron]
          guard value.isFinite else { continue }
          sum += Double(value)
          count += 1
        }
        means.append(count == 0 ? .nan : Float(sum / Double(count)))
      }
    }
    self.block = block
    self.columns = columns
    self.neurons = neurons
    self.values = means
  }

  /// One neuron's values, [columns].
  func trace(_ neuron: Int) -> ArraySlice<Float> {
    values[(neuron * columns)..<((neuron + 1) * columns)]
  }

  /// Says how the steps were averaged; empty if they were not.
  var note: String {
    block == 1 ? "" : " Values are means over blocks of \(block) steps."
  }
}
