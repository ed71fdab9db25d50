import Spindle
import SpindleHDF5

/// Events in the layout of the Spiking Heidelberg Digits and Spiking Speech Commands (Cramer et al.
/// 2022, zenkelab.org): /spikes/times and /spikes/units hold a row for each sample, times in seconds;
/// /labels its class; /extra/keys the names of the classes, /extra/speaker the speakers, where they
/// are there.
struct SpeechEvents: EventSource {
  private let path: String
  private let times: HDF5Rows
  private let units: HDF5Rows
  /// The class of each sample; nil where the file has none.
  let labels: [Int]?
  /// A name for each class; nil where the file has none.
  let classNames: [String]?
  private let file: HDF5File
  let looksLikeFloat32: Bool

  /// Whether a file has this layout.
  static func isLayout(of file: HDF5File) -> Bool {
    guard let spikes = try? file.group("/spikes") else { return false }
    return spikes.contains("times") && spikes.contains("units")
  }

  init(_ file: HDF5File, path: String) throws(SpindleError) {
    self.path = path
    self.file = file
    (times, units, labels, classNames) = try reading(path) { () throws(HDF5Error) in
      let hasLabels = file.root.contains("labels")
      let extra = file.root.contains("extra") ? try file.group("/extra") : nil
      return (
        try file.dataset("/spikes/times").readRows(), try file.dataset("/spikes/units").readRows(),
        hasLabels ? try file.dataset("/labels").readIntegers() : nil,
        extra?.contains("keys") == true ? try file.dataset("/extra/keys").readStrings() : nil
      )
    }
    let count = times.count
    for (name, found) in [("/spikes/units", units.count), ("/labels", labels?.count ?? count)]
    where found != count {
      throw .invalidData(
        path: path, reason: "expected \(count) rows of \(name), as of /spikes/times, found \(found)"
      )
    }
    let rows = times
    looksLikeFloat32 =
      times.type == .f64
      && (0..<count).allSatisfy { rows.doubles($0).allSatisfy { Double(Float($0)) == $0 } }
  }

  var sampleCount: Int { times.count }
  var eventCount: Int { times.totalCount }

  var precision: TimePrecision {
    switch times.type {
    case .f16: .float16
    case .bf16: .bfloat16
    case .f32: .float32
    default: .float64
    }
  }

  func events(of sample: Int) throws(SpindleError) -> (times: [Double], units: [Int]) {
    let times = times.doubles(sample)
    let rows = units
    let units = try reading(path) { () throws(HDF5Error) in try rows.integers(sample) }
    guard times.count == units.count else {
      throw .invalidData(
        path: path,
        reason: "expected as many units as times of sample \(sample), \(times.count), found "
          + "\(units.count)")
    }
    guard let index = times.firstIndex(where: { !$0.isFinite }) else { return (times, units) }
    throw .invalidData(
      path: path,
      reason: "expected finite times, found \(times[index]) at event \(index) of sample \(sample)")
  }

  /// The group of each sample: a dataset of /extra, such as "speaker".
  func groups(_ name: String) throws(SpindleError) -> [Int] {
    let groups = try reading(path) { () throws(HDF5Error) in
      let place = name.contains("/") ? name : "/extra/\(name)"
      return try file.dataset(place).readIntegers()
    }
    guard groups.count == sampleCount else {
      throw .invalidData(
        path: path, reason: "expected \(sampleCount) groups in \(name), found \(groups.count)")
    }
    return groups
  }
}

/// What a .h5 file holds, its errors with its path.
func reading<Value>(
  _ path: String, _ body: () throws(HDF5Error) -> Value
) throws(SpindleError) -> Value {
  do throws(HDF5Error) {
    return try body()
  } catch {
    switch error {
    case .file(let error): throw .file(error.description)
    case .inFile(_, let inner): throw .invalidData(path: path, reason: inner.description)
    default: throw .invalidData(path: path, reason: error.description)
    }
  }
}
