import Spindle
import SpindleFiles
import SpindleJSON
import SpindleTensors

/// What can be had of a network's run.
public enum PredictedOutput: String, Sendable, CaseIterable {
  /// s_t of a layer: [count, T, N].
  case spikes
  /// u_t of a layer, before the reset: [count, T, N].
  case potential
  /// v_t of a layer, after the reset: [count, T, N].
  case membrane
  /// What the cross-entropy reads of the last layer: [count, N].
  case logits

  /// Reads names with commas between them.
  ///
  /// - Throws: `JobError.configuration`.
  public static func list(_ text: String) throws(JobError) -> [PredictedOutput] {
    var outputs: [PredictedOutput] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let output = PredictedOutput(rawValue: String(name)) else {
        let all = allCases.map(\.rawValue).joined(separator: ", ")
        throw .configuration("expected outputs of \(all), found \(quoted(String(name)))")
      }
      guard !outputs.contains(output) else {
        throw .configuration("expected each output once, found \(output.rawValue) twice")
      }
      outputs.append(output)
    }
    return outputs
  }
}

/// What a network says of samples.
public struct Prediction: Sendable {
  /// Numbers with a name.
  public struct Array: Sendable, Equatable {
    /// As in "spikes".
    public var name: String
    /// [count, T, N], or [count, N] of logits.
    public var shape: [Int]
    /// Row by row.
    public var values: [Float]
  }

  /// What the network says.
  public enum Output: Sendable, Equatable {
    /// A class for each sample: [count].
    case classes([Int32])
    /// What was asked for, in that order.
    case arrays([Array])
  }

  /// What the network says.
  public let output: Output
  /// A name for each class; nil for numbers.
  let classNames: [String]?

  init(classes: [Int32], classNames: [String]?) {
    output = .classes(classes)
    self.classNames = classNames
  }

  init(arrays: [Array], classNames: [String]?) {
    output = .arrays(arrays)
    self.classNames = classNames
  }
}

extension Prediction {
  /// CSV, one line of names first; of several arrays the first alone.
  public var csv: String {
    switch output {
    case .classes(let classes):
      var text = "sample,class" + (classNames == nil ? "" : ",name") + "\n"
      for (sample, value) in classes.enumerated() {
        text += "\(sample),\(value)"
        if let classNames { text += "," + csvField(classNames[Int(value)]) }
        text += "\n"
      }
      return text
    case .arrays(let arrays): return arrays.first?.csv ?? ""
    }
  }

  /// Writes .csv, .npy or .safetensors, as the name ends.
  ///
  /// - Throws: `JobError.configuration` for another ending, `JobError.failed` where the system
  ///   refuses.
  public func write(to path: String) throws(JobError) {
    let ending = try Ending(of: path)
    do {
      switch ending {
      case .csv: try AtomicFile.write(csv, to: path)
      case .npy: try array().write(to: path)
      case .safetensors: try SafetensorsFile(try tensors()).write(to: path)
      }
    } catch {
      throw .failed("\(error)")
    }
  }

  /// Refuses the name of a file that cannot be written, and one that cannot hold so many arrays;
  /// nil is CSV on standard output.
  public static func check(output path: String?, arrays: Int) throws(JobError) {
    let ending = try path.map { path throws(JobError) in try Ending(of: path) } ?? .csv
    guard arrays <= 1 || ending == .safetensors else {
      throw .configuration(
        "several outputs need a .safetensors file, got \(path ?? "CSV on standard output")")
    }
  }

  private func array() throws(NumPyError) -> NumPyArray {
    switch output {
    case .classes(let classes): return try NumPyArray(shape: [classes.count], classes)
    case .arrays(let arrays):
      return try NumPyArray(shape: arrays.first?.shape ?? [0], arrays.first?.values ?? [])
    }
  }

  private func tensors() throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    switch output {
    case .classes(let classes): return [try .init("classes", shape: [classes.count], classes)]
    case .arrays(let arrays):
      return try arrays.map { array throws(SafetensorsError) in
        try .init(array.name, shape: array.shape, array.values)
      }
    }
  }
}

/// The kinds of files that predictions are written to.
private enum Ending: String {
  case csv, npy, safetensors

  init(of path: String) throws(JobError) {
    guard let ending = path.split(separator: ".").last.flatMap({ Ending(rawValue: String($0)) })
    else {
      throw .configuration("the output must end in .csv, .npy or .safetensors, got \(path)")
    }
    self = ending
  }
}

extension Prediction.Array {
  /// A line for each sample, or each step of each sample.
  fileprivate var csv: String {
    let columns = shape[shape.count - 1]
    let hasSteps = shape.count == 3
    var text = "sample" + (hasSteps ? ",step" : "")
    for column in 0..<columns { text += ",output_\(column)" }
    text += "\n"
    for row in 0..<(values.count / max(columns, 1)) {
      text += hasSteps ? "\(row / shape[1]),\(row % shape[1])" : "\(row)"
      for value in values[(row * columns)..<((row + 1) * columns)] { text += ",\(value)" }
      text += "\n"
    }
    return text
  }
}
