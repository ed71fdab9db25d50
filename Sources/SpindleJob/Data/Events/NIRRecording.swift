import Spindle
import SpindleHDF5

/// What nodes of a graph did, as `nir.write_data` of NIR 1.0.8 keeps it: for each observable of a node
/// either numbers on a grid of time, or events.
struct NIRRecording {
  private let file: HDF5File
  private let path: String
  /// As in "lif1/spikes".
  private let name: String
  private let group: HDF5Group

  /// Whether a file is one of NIR's data.
  static func isLayout(of file: HDF5File, path: String) throws(SpindleError) -> Bool {
    try reading(path) { () throws(HDF5Error) in
      try file.root.attributes["__type__"]?.readStrings() == ["NIRGraphData"]
    }
  }

  /// Finds an observable, "node/observable"; nil for the only one.
  init(_ file: HDF5File, observable: String?, path: String) throws(SpindleError) {
    let known = try reading(path) { () throws(HDF5Error) in
      var known: [String] = []
      let nodes = try file.group("/nodes")
      for node in nodes.names {
        let observables = try nodes.group(node).group("observables")
        known += observables.names.map { "\(node)/\($0)" }
      }
      return known
    }
    guard let name = observable ?? (known.count == 1 ? known[0] : nil), known.contains(name) else {
      throw .invalidData(
        path: path,
        reason: "name one of its observables by data.input; it holds "
          + known.joined(separator: ", "))
    }
    let parts = name.split(separator: "/", maxSplits: 1)
    group = try reading(path) { () throws(HDF5Error) in
      try file.group("/nodes/\(parts[0])/observables/\(parts[1])")
    }
    (self.file, self.path, self.name) = (file, path, name)
  }

  /// The numbers [sample, step, neuron] of a grid.
  ///
  /// - Throws: where its steps are not those of the network.
  func dataset(timeStep: Double, targets: Targets) throws(SpindleError) -> Dataset {
    let (shape, values, step) = try reading(path) { () throws(HDF5Error) in
      let data = try group.dataset("data")
      return (
        data.shape, try data.readFloats(), try group.attributes["dt"]?.readDoubles().first
      )
    }
    guard shape.count == 3 else {
      throw refused("expected numbers of shape [sample, step, neuron], found \(shape)")
    }
    guard let step, abs(step - timeStep) <= 1e-6 * timeStep else {
      throw refused(
        "expected steps of \(timeStep) s, as the network has them, found "
          + (step.map { "\($0) s" } ?? "none"))
    }
    return try Dataset(
      values, count: shape[0], steps: shape[1], units: shape[2], targets: targets)
  }

  /// The events; nil of a grid.
  func events() throws(SpindleError) -> NIREvents? {
    let isGrid = group.contains("data")
    guard !isGrid else { return nil }
    let (shape, indices, times, neurons, end) = try reading(path) { () throws(HDF5Error) in
      let (index, time) = (try group.dataset("idx"), try group.dataset("time"))
      let attributes = try group.attributes
      return (
        [index.shape, time.shape], try index.readIntegers(), try time.readDoubles(),
        try attributes["n_neurons"]?.readIntegers().first,
        try attributes["t_max"]?.readDoubles().first
      )
    }
    guard shape[0].count == 2, shape[0] == shape[1] else {
      throw refused(
        "expected \"idx\" and \"time\" of one shape [sample, event], found \(shape[0]) and \(shape[1])"
      )
    }
    guard let neurons, let end, neurons > 0, end > 0, end.isFinite else {
      throw refused("expected the attributes n_neurons and t_max, above zero")
    }
    return NIREvents(
      sampleCount: shape[0][0], width: shape[0][1], indices: indices, times: times,
      neurons: neurons, end: end, path: path)
  }

  private func refused(_ reason: String) -> SpindleError {
    .invalidData(path: path, reason: "\(name): \(reason)")
  }
}

/// Events of NIR's data: each sample's row is padded with the neuron -1.
struct NIREvents: LabelledEvents {
  let sampleCount: Int
  /// Places for events of a sample.
  let width: Int
  let indices: [Int]
  let times: [Double]
  let neurons: Int
  /// Seconds.
  let end: Double
  let path: String

  var eventCount: Int { indices.count }
  var precision: TimePrecision { .float64 }
  var looksLikeFloat32: Bool {
    indices.indices.allSatisfy { indices[$0] < 0 || Double(Float(times[$0])) == times[$0] }
  }
  var labels: [Int]? { nil }
  var classNames: [String]? { nil }

  func format(timeStep: Double) -> EventFormat? {
    let steps = (end / timeStep).rounded()
    guard steps >= 1, steps <= Double(Limits.size), neurons <= Limits.size else { return nil }
    return EventFormat(steps: Int(steps), unitCount: neurons)
  }

  func groups(_ name: String) throws(SpindleError) -> [Int] {
    throw .invalidData(path: path, reason: "it has no groups of samples")
  }

  func events(of sample: Int) throws(SpindleError) -> (times: [Double], units: [Int]) {
    let row = sample * width..<(sample + 1) * width
    let places = row.filter { indices[$0] >= 0 }
    guard let place = places.first(where: { !times[$0].isFinite }) else {
      return (places.map { times[$0] }, places.map { indices[$0] })
    }
    throw .invalidData(
      path: path, reason: "expected finite times, found \(times[place]) in sample \(sample)")
  }
}
