/// Results as aligned columns for people; a row is printed as soon as it is known.
struct ResultTable {
  private static let columns: [(title: String, width: Int)] = [
    ("", 4), ("forward ms", 11), ("step ms", 10), ("runs", 7), ("rate %", 7), ("threads", 8),
    ("isa", 12), ("B/(N T)", 8), ("GFLOP/s", 8), ("of peak", 8),
  ]

  static var header: String {
    line(columns.map(\.title)) + "  plan"
  }

  static func row(_ result: Result) -> String {
    let cells = [
      result.workload, (result.forwardS * 1e3).text(3), (result.stepS * 1e3).text(3),
      "\(result.runs)", (result.rate * 100).text(2), "\(result.threads)", result.isa,
      result.bytesPerNeuronStep?.text(3) ?? "-", result.denseGflops?.text(1) ?? "-",
      result.denseShareOfPeak.map { ($0 * 100).text(0) + " %" } ?? "-",
    ]
    return line(cells) + "  " + (result.plan?.summary ?? "-")
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, column.width - cell.count)) + cell
    }
    .joined(separator: " ")
  }
}
