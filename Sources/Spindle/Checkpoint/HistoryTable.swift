import SpindleTensors

/// The history of a run as it stands in a checkpoint: a float64 tensor "history" of a row for each
/// epoch, and beside it "history.seconds", the wall times, in which alone two runs of the same bits
/// differ. Rows are only ever added, and their bytes and checksums are kept, so that a checkpoint after
/// every epoch does not encode the whole history each time.
struct HistoryTable: Sendable {
  /// The tensors' names.
  static let name = "history"
  static let secondsName = "history.seconds"
  static let names = [name, secondsName]
  /// What a record does not have: the accuracy where there are no classes, validation in an epoch
  /// without. A NaN of its own, told by its bits from one that was computed.
  static let absent = Double(bitPattern: 0x7FF8_5350_4E44_4C45)

  /// Float64 numbers, little-endian.
  private struct Numbers {
    var bytes: [UInt8] = []
    /// Of the bytes.
    var checksum = Checksum()

    mutating func append(_ numbers: [Double]) {
      var added: [UInt8] = []
      added.reserveCapacity(8 * numbers.count)
      for number in numbers {
        let bits = number.bitPattern
        for byte in 0..<8 { added.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
      }
      checksum.add(added)
      bytes += added
    }
  }

  /// The names of the columns of records of so many layers.
  static func columns(layers: Int) -> [String] {
    [
      "epoch", "step", "samples", "loss", "regularization", "accuracy", "validation.loss",
      "validation.accuracy", "learning_rate", "gradient_norm", "accumulates",
      "multiply_accumulates",
    ]
      + (0..<layers).flatMap { layer in
        layerColumns.map { "activity[\(layer)].\($0)" }
      }
  }

  private static let layerColumns = ["layer", "neurons", "firing_rate", "dead", "saturated"]

  /// Layers of a row; a record of fewer leaves the rest absent.
  private(set) var layers = 0
  private(set) var rows = 0
  private var records = Numbers()
  private var seconds = Numbers()

  /// Takes in the records that are new in a history that otherwise is that of before.
  mutating func update(_ history: [EpochRecord]) {
    let widest = history.dropFirst(rows).reduce(layers) { max($0, $1.activity.layers.count) }
    if widest > layers || history.count < rows {
      self = HistoryTable()
      layers = history.reduce(0) { max($0, $1.activity.layers.count) }
    }
    let new = history.dropFirst(rows)
    records.append(new.flatMap { $0.row(layers: layers) })
    seconds.append(new.map(\.seconds))
    rows = history.count
  }

  /// As it goes into a file.
  func tensors() throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    [
      try .init(
        Self.name, shape: [rows, Self.columns(layers: layers).count], float64: records.bytes),
      try .init(Self.secondsName, shape: [rows], float64: seconds.bytes),
    ]
  }

  /// Of all bytes; what else is in a file follows.
  var checksum: Checksum { Self.joined(records.checksum, seconds.checksum) }

  /// The same of a file's tensors; that of nothing where there are none.
  static func checksum(of tensors: [SafetensorsFile.Tensor]) -> Checksum {
    guard let records = tensors.first(where: { $0.name == name }),
      let seconds = tensors.first(where: { $0.name == secondsName })
    else { return Checksum() }
    var checksums = (Checksum(), Checksum())
    checksums.0.add(records.bytes)
    checksums.1.add(seconds.bytes)
    return joined(checksums.0, checksums.1)
  }

  private static func joined(_ records: Checksum, _ seconds: Checksum) -> Checksum {
    var checksum = records
    checksum.add("\(seconds.value)")
    return checksum
  }

  /// The records of a file.
  static func records(
    of file: SafetensorsFile, columns names: [String], count: Int
  ) throws(FileFault) -> [EpochRecord] {
    var tensors: [SafetensorsFile.Tensor] = []
    for name in Self.names {
      guard let tensor = file[name] else { throw .damaged("the tensor \"\(name)\" is missing") }
      tensors.append(tensor)
    }
    return try records(in: tensors[0], seconds: tensors[1], columns: names, count: count)
  }

  /// The records of a file's tensors, of which it says that the first has these columns.
  static func records(
    in tensor: SafetensorsFile.Tensor, seconds: SafetensorsFile.Tensor, columns names: [String],
    count: Int
  ) throws(FileFault) -> [EpochRecord] {
    let layers = max(0, names.count - columns(layers: 0).count) / layerColumns.count
    guard names == columns(layers: layers) else {
      throw .damaged("the columns of its history are not those of this version")
    }
    try check(tensor, [count, names.count])
    try check(seconds, [count])
    let (values, times) = (tensor.doubles(), seconds.doubles())
    var records: [EpochRecord] = []
    records.reserveCapacity(count)
    for row in 0..<count {
      var reader = RowReader(values[row * names.count..<(row + 1) * names.count], row: row)
      records.append(try EpochRecord(&reader, layers: layers, seconds: times[row]))
    }
    return records
  }

  private static func check(
    _ tensor: SafetensorsFile.Tensor, _ shape: [Int]
  ) throws(FileFault) {
    guard tensor.type == .f64, tensor.shape == shape else {
      throw .damaged(
        "the tensor \"\(tensor.name)\" should be F64 of shape \(shape) and is "
          + "\(tensor.type.rawValue) of shape \(tensor.shape)")
    }
  }
}

/// Takes the numbers of a row one after the other.
private struct RowReader {
  private var rest: ArraySlice<Double>
  private let row: Int

  init(_ values: ArraySlice<Double>, row: Int) {
    rest = values
    self.row = row
  }

  mutating func number() throws(FileFault) -> Double {
    guard let number = rest.popFirst() else { throw .damaged("row \(row) of its history is cut") }
    return number
  }

  mutating func optional() throws(FileFault) -> Double? {
    let number = try number()
    return number.bitPattern == HistoryTable.absent.bitPattern ? nil : number
  }

  mutating func count(atMost most: Int = 1 << 53) throws(FileFault) -> Int {
    let number = try number()
    guard let count = Int(exactly: number), (0...most).contains(count) else {
      throw .damaged("row \(row) of its history has \(number) where a count belongs")
    }
    return count
  }
}

extension EpochRecord {
  fileprivate func row(layers: Int) -> [Double] {
    let absent = HistoryTable.absent
    var row: [Double] = [
      Double(epoch), Double(step), Double(samples), loss, regularization, accuracy ?? absent,
      validation?.loss ?? absent, validation?.accuracy ?? absent, Double(learningRate),
      gradientNorm, activity.operations.accumulates,
      activity.operations.multiplyAccumulates,
    ]
    for layer in activity.layers {
      row += [
        Double(layer.layer), Double(layer.neurons), layer.firingRate, layer.dead, layer.saturated,
      ]
    }
    let missing = layers - activity.layers.count
    return row + [Double](repeating: absent, count: 5 * missing)
  }

  fileprivate init(
    _ row: inout RowReader, layers: Int, seconds: Double
  ) throws(FileFault) {
    epoch = try row.count()
    step = try row.count()
    samples = try row.count()
    loss = try row.number()
    regularization = try row.number()
    accuracy = try row.optional()
    let (validated, right) = (try row.optional(), try row.optional())
    validation = validated.map { .init(loss: $0, accuracy: right) }
    learningRate = Float(try row.number())
    gradientNorm = try row.number()
    self.seconds = seconds
    activity = Activity(
      layers: [],
      operations: .init(
        accumulates: try row.number(), multiplyAccumulates: try row.number()))
    for _ in 0..<layers {
      guard let layer = try Activity.Layer(&row) else { continue }
      activity.layers.append(layer)
    }
  }
}

extension Activity.Layer {
  /// Nil where the record has no such layer.
  fileprivate init?(_ row: inout RowReader) throws(FileFault) {
    guard let number = try row.optional() else {
      for _ in 0..<4 { _ = try row.number() }
      return nil
    }
    guard let layer = Int(exactly: number), (0...Limits.size).contains(layer) else {
      throw .damaged("its history has \(number) where a layer's number belongs")
    }
    self.layer = layer
    neurons = try row.count(atMost: Limits.size)
    firingRate = try row.number()
    dead = try row.number()
    saturated = try row.number()
  }
}
