import Foundation
import Spindle
import SpindleFiles

/// Files of events, one for each sample: in folders by class, whose names are those of the classes, as
/// N-MNIST is published; or one file alone, or files in one folder, without classes. Files are read
/// when their events are asked for.
struct EventFolder: EventSource {
  /// In the order of their names.
  let files: [String]
  /// The class of each file; nil without.
  let labels: [Int]?
  /// The folders, sorted; numbers by their value. Nil without classes.
  let classNames: [String]?
  let sensor: Sensor
  /// Seconds in a unit of the files' times.
  let timeUnit: Double

  private static let endings = ["bin", "npy", "npz"]

  init(path: String, sensor: Sensor, timeUnit: Double) throws(SpindleError) {
    self.sensor = sensor
    self.timeUnit = timeUnit
    guard isFolder(path) else {
      (files, labels, classNames) = ([path], nil, nil)
      return
    }
    let folders = try Self.names(in: path).filter { isFolder("\(path)/\($0)") }
    let direct = try Self.samples(in: path)
    guard direct.isEmpty || folders.isEmpty else {
      throw .invalidData(
        path: path, reason: "expected samples in folders by class, or samples alone, found both")
    }
    var (files, labels): ([String], [Int]) = (direct, [])
    for (label, folder) in folders.enumerated() {
      let samples = try Self.samples(in: "\(path)/\(folder)")
      files += samples
      labels += samples.map { _ in label }
    }
    guard !files.isEmpty else {
      throw .invalidData(
        path: path,
        reason: "expected files that end in .bin, .npy or .npz, in it or in folders by class, "
          + "found none")
    }
    self.files = files
    self.labels = folders.isEmpty ? nil : labels
    classNames = folders.isEmpty ? nil : folders
  }

  /// Files of events in a folder, with their paths.
  private static func samples(in folder: String) throws(SpindleError) -> [String] {
    try names(in: folder).filter { name in
      endings.contains { name.hasSuffix("." + $0) } && !isFolder("\(folder)/\(name)")
    }.map { "\(folder)/\($0)" }
  }

  /// What is in a folder, sorted: 2 before 10. Hidden files are left out.
  private static func names(in folder: String) throws(SpindleError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }
        .sorted { a, b in
          guard let first = Int(a), let second = Int(b), first != second else { return a < b }
          return first < second
        }
    } catch {
      throw .file("\(folder): cannot be listed: \(error.localizedDescription)")
    }
  }

  var sampleCount: Int { files.count }
  var eventCount: Int { 0 }
  /// Times are integers in the files, times a unit.
  var precision: TimePrecision { .float64 }
  var looksLikeFloat32: Bool { false }

  func events(of sample: Int) throws(SpindleError) -> (times: [Double], units: [Int]) {
    let path = files[sample]
    let events = try SensorEvents(contentsOf: path)
    var units: [Int] = []
    units.reserveCapacity(events.x.count)
    for index in events.x.indices {
      let (x, y, p) = (events.x[index], events.y[index], events.polarities[index])
      guard let unit = sensor.unit(x: x, y: y, polarity: p) else {
        throw .invalidData(
          path: path,
          reason: "expected events within the sensor [\(sensor.width), \(sensor.height), "
            + "\(sensor.polarities)], found x \(x), y \(y), p \(p) at event \(index)")
      }
      units.append(unit)
    }
    return (events.times.map { $0 * timeUnit }, units)
  }
}
