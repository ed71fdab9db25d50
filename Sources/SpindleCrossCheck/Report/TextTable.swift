/// Lines of cells, padded so that the columns align.
struct TextTable {
  private var lines: [[String]] = []

  mutating func add(_ cells: String...) { lines.append(cells) }

  /// The lines, without spaces at their ends.
  func rendered(indent: String) -> String {
    let columns = lines.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return lines.map { cells in
      var line = indent
      for (cell, width) in zip(cells, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
