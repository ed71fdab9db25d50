import Foundation

/// A table and its plot: name.csv, name.svg and name.png.
struct ScalingPlot {
  let name: String
  /// What runs along the horizontal axis.
  let axis: String
  /// Titles of all columns but the first.
  let columns: [String]
  /// x, then one number a column.
  var rows: [[Double]] = []
  /// A fitted line, offset and slope in the plot's units.
  var line: (offset: Double, slope: Double)?

  init(name: String, axis: String, columns: [String]) {
    self.name = name
    self.axis = axis
    self.columns = columns
  }

  /// Writes the table, and the plots where gnuplot is installed.
  func write(to folder: URL) throws {
    let table = folder.appendingPathComponent("\(name).csv")
    let lines =
      [([name] + columns).joined(separator: ",")]
      + rows.map { row in row.map { "\($0.rounded(digits: 6))" }.joined(separator: ",") }
    try (lines.joined(separator: "\n") + "\n").write(to: table, atomically: true, encoding: .utf8)
    try draw(in: folder)
  }

  private func draw(in folder: URL) throws {
    let gnuplot = Process()
    gnuplot.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gnuplot.arguments = ["gnuplot"]
    gnuplot.currentDirectoryURL = folder
    let input = Pipe()
    gnuplot.standardInput = input
    try gnuplot.run()
    input.fileHandleForWriting.write(Data(script.utf8))
    try input.fileHandleForWriting.close()
    gnuplot.waitUntilExit()
    guard gnuplot.terminationStatus == 0 else {
      throw BenchmarkError("gnuplot could not draw \(name); the table is written")
    }
  }

  private var script: String {
    var curves = columns.indices.map { index in
      let title = columns[index].replacing("_ms", with: "")
      return "'\(name).csv' skip 1 using 1:\(index + 2) with linespoints pt 7 lw 2 title '\(title)'"
    }
    if let line {
      curves.append("\(line.offset) + \(line.slope) * x with lines dt 2 title 'straight line'")
    }
    let plot = "plot \(curves.joined(separator: ", \\\n  "))"
    return """
      set datafile separator ','
      set logscale xy
      set xlabel '\(axis)'
      set ylabel 'training step, ms'
      set grid
      set key top left
      set terminal svg size 720,480 background 'white'
      set output '\(name).svg'
      \(plot)
      set terminal pngcairo size 720,480
      set output '\(name).png'
      \(plot)

      """
  }
}
