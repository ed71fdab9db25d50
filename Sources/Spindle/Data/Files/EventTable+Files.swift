import SpindleTensors

extension EventTable {
  /// Events from three arrays [events].
  ///
  /// - Parameters:
  ///   - samples: from 0.
  ///   - times: in seconds.
  ///   - units: from 0.
  ///   - sampleCount: the number of samples, where it is known.
  public init(
    samples: NumericArray, times: NumericArray, units: NumericArray, sampleCount: Int? = nil
  ) throws(SpindleError) {
    try self.init(
      samples: samples.integers(), times: times.doubles(), units: units.integers(),
      precision: times.precision(), sampleCount: sampleCount)
  }

  /// Events from one array [events, 3] of sample, time (in seconds) and unit.
  public init(_ array: NumericArray) throws(SpindleError) {
    guard array.shape.count == 2, array.shape[1] == 3 else {
      throw .invalidData(
        path: array.path,
        reason: "expected events of shape [events, 3], each its sample, time and unit, found "
          + "\(array.shape)")
    }
    try self.init(
      rows: array.doubles(), path: array.path, precision: array.precision(column: 1)
    ) { "event \($0)" }
  }

  /// Events from a file: a .csv file with the columns sample, time (in seconds) and unit, in any
  /// order where a header names them, in this order where there is none; a .npy file of an array
  /// [events, 3]; or a .safetensors file with the tensors sample, time and unit, and perhaps
  /// samples, one integer: the number of samples.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - header: whether the first line of a .csv file is a header; nil to see by it.
  public init(contentsOf path: String, header: Bool? = nil) throws(SpindleError) {
    if path.hasSuffix(".npy") {
      try self.init(NumericArray(contentsOf: path))
    } else if path.hasSuffix(".safetensors") {
      try self.init(SafetensorsFile(ofData: path), path: path)
    } else if path.hasSuffix(".csv") {
      try self.init(table: NumericTable(contentsOf: path, header: header), header: header)
    } else {
      throw .invalidData(
        path: path, reason: "expected events in a file that ends in .csv, .npy or .safetensors")
    }
  }

  private init(_ file: SafetensorsFile, path: String) throws(SpindleError) {
    var count: Int?
    if file["samples"] != nil {
      let array = try NumericArray(file, tensor: "samples", path: path)
      let values = try array.integers()
      guard values.count == 1, values[0] >= 1 else {
        throw .invalidData(
          path: path,
          reason:
            "expected one integer from 1 on in the tensor \"samples\", the number of samples, "
            + "found " + (values.count == 1 ? "\(values[0])" : "the shape \(array.shape)"))
      }
      count = values[0]
    }
    try self.init(
      samples: NumericArray(file, tensor: "sample", path: path),
      times: NumericArray(file, tensor: "time", path: path),
      units: NumericArray(file, tensor: "unit", path: path), sampleCount: count)
  }

  private init(table given: NumericTable, header: Bool?) throws(SpindleError) {
    var table = given
    if header == nil, table.firstLine == .numberedColumns, table.hasFractionsBelow {
      table = table.takingHeader()
    }
    let columns = ["sample", "time", "unit"]
    if table.names != nil, table.firstLine == .names {
      table = try table.selecting(columns)
    } else if table.columns != columns.count {
      throw .invalidData(
        path: table.path,
        reason: "expected the columns sample, time and unit, found \(table.columns)")
    }
    let first = table.names == nil ? 1 : 2
    try self.init(rows: table.values, path: table.path, precision: table.precisions[1]) {
      "line \($0 + first)"
    }
  }

  /// Events from rows of three numbers.
  private init(
    rows: [Double], path: String, precision: TimePrecision, place: (Int) -> String
  ) throws(SpindleError) {
    func index(_ value: Double, _ row: Int, _ column: String) throws(SpindleError) -> Int {
      if let index = Int(exactly: value), index >= 0 { return index }
      throw .invalidData(
        path: path,
        reason: "\(place(row)): expected an integer from 0 on in column \(column), found \(value)")
    }
    var samples: [Int] = []
    var times: [Double] = []
    var units: [Int] = []
    for row in 0..<rows.count / 3 {
      samples.append(try index(rows[row * 3], row, "sample"))
      times.append(rows[row * 3 + 1])
      units.append(try index(rows[row * 3 + 2], row, "unit"))
    }
    try self.init(samples: samples, times: times, units: units, precision: precision)
  }
}
