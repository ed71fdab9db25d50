import Spindle
import SpindleFiles
import SpindleJSON
import SpindleTensors

/// The size of a sensor, which makes one number of an event's place: (p height + y) width + x.
struct Sensor: Sendable, Equatable {
  let width: Int
  let height: Int
  /// 2 where rises and falls are told apart, else 1.
  let polarities: Int

  /// I.
  var units: Int { width * height * polarities }

  /// The unit of an event; nil outside of the sensor.
  func unit(x: Int, y: Int, polarity: Int) -> Int? {
    let p = polarities == 1 ? 0 : polarity
    guard (0..<width).contains(x), (0..<height).contains(y), (0..<polarities).contains(p) else {
      return nil
    }
    return (p * height + y) * width + x
  }
}

/// The events of one sample of an event camera or silicon cochlea, as its file has them.
struct SensorEvents: Sendable, Equatable {
  /// In the unit of the file.
  var times: [Double] = []
  var x: [Int] = []
  /// Zeros of a sensor of one row.
  var y: [Int] = []
  /// 0 or 1; zeros where the file has none.
  var polarities: [Int] = []
}

extension SensorEvents {
  /// The events of arrays of one length, by their names: t, x and, where there are any, y and p.
  init(
    path: String, names: [String], array: (String) throws(SpindleError) -> NumPyArray
  ) throws(SpindleError) {
    func integers(_ name: String) throws(SpindleError) -> [Int] {
      let array = NumericArray(try array(name), path: path)
      guard array.shape.count == 1 else {
        throw .invalidData(
          path: path, reason: "expected \(quoted(name)) of shape [events], found \(array.shape)")
      }
      return try array.integers()
    }
    for name in ["t", "x"] where !names.contains(name) {
      throw .invalidData(
        path: path,
        reason: "expected events with the fields t and x, and perhaps y and p, found "
          + names.map { quoted($0) }.joined(separator: ", "))
    }
    times = try NumericArray(try array("t"), path: path).doubles()
    x = try integers("x")
    let zeros = [Int](repeating: 0, count: times.count)
    y = names.contains("y") ? try integers("y") : zeros
    polarities = names.contains("p") ? try integers("p") : zeros
    for (name, count) in [("x", x.count), ("y", y.count), ("p", polarities.count)]
    where count != times.count {
      throw .invalidData(
        path: path, reason: "expected \(times.count) events in \(quoted(name)), found \(count)")
    }
    // Some write -1 for falls.
    for index in polarities.indices where polarities[index] == -1 { polarities[index] = 0 }
  }

  /// The events of one file: a structured .npy array, a .npz file of arrays, or a .bin file as of
  /// N-MNIST and N-Caltech101.
  init(contentsOf path: String) throws(SpindleError) {
    switch path.split(separator: ".").last {
    case "npz":
      let archive = try ZipArchive(contentsOf: path)
      try self.init(path: path, names: archive.arrayNames) { name throws(SpindleError) in
        try archive.array(name)
      }
    case "npy":
      let records = try Self.records(path)
      try self.init(path: path, names: records.names) { name throws(SpindleError) in
        do throws(NumPyError) {
          return try records.field(name)
        } catch {
          throw .invalidData(path: path, reason: error.description)
        }
      }
    case "bin": self = try Self.saccades(path)
    default:
      throw .invalidData(
        path: path, reason: "expected events in a file that ends in .bin, .npy or .npz")
    }
  }

  /// N-MNIST and N-Caltech101 (Orchard et al. 2015): five bytes an event: x, y, polarity in the
  /// highest bit of the next, and the time in microseconds in the 23 bits that are left, the high
  /// ones first. y = 240 is no event: the clock ran over, and 2^13 us are added to all times behind.
  private static func saccades(_ path: String) throws(SpindleError) -> SensorEvents {
    let bytes = try fileBytes(path)
    guard bytes.count % 5 == 0 else {
      throw .invalidData(
        path: path, reason: "expected events of 5 bytes each, found \(bytes.count) bytes")
    }
    var events = SensorEvents()
    var turns = 0
    for place in stride(from: 0, to: bytes.count, by: 5) {
      if bytes[place + 1] == 240 {
        turns += 1
        continue
      }
      let clock = bytes[place + 2..<place + 5].reduce(0) { $0 << 8 | Int($1) } & 0x7F_FFFF
      events.times.append(Double(clock + turns << 13))
      events.x.append(Int(bytes[place]))
      events.y.append(Int(bytes[place + 1]))
      events.polarities.append(Int(bytes[place + 2] >> 7))
    }
    return events
  }

  /// Whether a .npy or .npz file holds such events, and no samples by themselves.
  static func isLayout(of path: String) throws(SpindleError) -> Bool {
    if path.hasSuffix(".bin") { return true }
    if path.hasSuffix(".npz") {
      let names = try ZipArchive(contentsOf: path).arrayNames
      return names.contains("t") && names.contains("x")
    }
    guard path.hasSuffix(".npy") else { return false }
    return NumPyRecords.isContent(try fileBytes(path))
  }

  private static func records(_ path: String) throws(SpindleError) -> NumPyRecords {
    let bytes = try fileBytes(path)
    do throws(NumPyError) {
      return try NumPyRecords(bytes: bytes)
    } catch {
      throw .invalidData(path: path, reason: error.description)
    }
  }
}

/// All bytes of a file, which has to fit in memory.
func fileBytes(_ path: String) throws(SpindleError) -> [UInt8] {
  try checkFile(path, times: 1)
  do throws(FileError) {
    return try readFile(path)
  } catch {
    throw .file(error.description)
  }
}
