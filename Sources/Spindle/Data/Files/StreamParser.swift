import SpindleJSON

/// Reads the lines of a stream, one step's numbers or one event each. Keeps nothing but the line's
/// number and what times have shown of how they were written.
package struct StreamParser {
  /// The network's inputs.
  private let units: Int
  private let timeStep: Double
  private var line = 0
  private var times = Decimals()

  /// For a network of so many inputs, and of this step in seconds.
  package init(units: Int, timeStep: Double) {
    self.units = units
    self.timeStep = timeStep
  }

  /// A step's numbers, with commas between them; nil of a blank line, and of a first line without a
  /// number, which names columns.
  package mutating func row(_ bytes: [UInt8]) throws(SpindleError) -> [Float]? {
    guard let (reader, fields) = try fields(of: bytes, expected: units, "numbers") else {
      return nil
    }
    var numbers: [Float] = []
    numbers.reserveCapacity(units)
    for field in fields {
      guard let number = reader.number(field), Float(number).isFinite else {
        throw reader.error("expected a finite number, found \(quoted(reader.text(field)))")
      }
      numbers.append(Float(number))
    }
    return numbers
  }

  /// An event, "time,unit", with its time in seconds from the beginning of the stream; likewise.
  package mutating func event(_ bytes: [UInt8]) throws(SpindleError) -> (step: Int, unit: Int)? {
    guard let (reader, fields) = try fields(of: bytes, expected: 2, "numbers, time and unit")
    else { return nil }
    guard let time = reader.number(fields[0]), time.isFinite else {
      throw reader.error("expected a time in seconds, found \(quoted(reader.text(fields[0])))")
    }
    guard let number = reader.number(fields[1]), let unit = Int(exactly: number),
      (0..<units).contains(unit)
    else {
      throw reader.error(
        "expected a unit from 0 to \(units - 1), found \(quoted(reader.text(fields[1])))")
    }
    times.add(bytes[fields[0].range])
    let table = try EventTable(samples: [0], times: [time], units: [0], precision: times.precision)
    let window = EventWindow(timeStep: timeStep, steps: 1 << 52, units: 1)
    let edges = EventEdges(window, times.precision, looksLikeFloat32: table.looksLikeFloat32)
    guard let step = try edges.step(of: time) else {
      throw reader.error("expected a time from 0 s on, found \(time) s")
    }
    return (step, unit)
  }

  /// An error in the line that was read last.
  package func error(_ reason: String) -> SpindleError {
    .invalidData(path: Self.name, reason: "line \(line): \(reason)")
  }

  /// How errors name the stream.
  package static let name = "standard input"

  private mutating func fields(
    of bytes: [UInt8], expected count: Int, _ what: String
  ) throws(SpindleError) -> (TableReader, [TableReader.Field])? {
    var reader = TableReader(bytes: bytes, path: Self.name, line: line)
    line += 1
    guard let fields = try reader.nextLine() else { return nil }
    if let field = fields.first { try reader.checkSeparators(field) }
    if line == 1, fields.allSatisfy({ reader.number($0) == nil }) { return nil }
    guard fields.count == count else {
      throw reader.error("expected \(count) \(what), found \(fields.count)")
    }
    return (reader, fields)
  }
}
