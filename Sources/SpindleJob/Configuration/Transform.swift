import Spindle
import SpindleJSON

/// Something that is done to all samples.
enum Transform: Sendable {
  /// These units alone, in this order.
  case select(units: [Int])
  /// scale x + offset.
  case affine(scale: Double, offset: Double)
  /// (x - mean) / deviation of each unit; nil until they are taken from the samples.
  case standardize(over: StandardizationSample, Standardization?)
  /// Every step several times in a row.
  case repeatSteps(Int)
  /// Several steps become one.
  case bin(width: Int, by: Binning)
  /// Steps from a number on, before another.
  case crop(from: Int, to: Int)
  /// Steps of a value in front and behind.
  case pad(before: Int, after: Int, value: Float)

  /// The samples that mean and deviation are taken from.
  enum StandardizationSample: String, Sendable, CaseIterable {
    /// Those for training.
    case train
    /// All.
    case all
  }
}

extension Format where Value == Transform {
  /// One step of the list of transforms.
  static var transform: Format {
    .kinds([
      Kind("select", "Some units alone.", [TransformKey.units]) {
        object throws(DescriptionError) in .select(units: try object.read(TransformKey.units))
      },
      Kind("affine", "scale x + offset.", [TransformKey.scale, TransformKey.offset]) {
        object throws(DescriptionError) in
        .affine(
          scale: try object.read(TransformKey.scale), offset: try object.read(TransformKey.offset))
      },
      Kind(
        "standardize", "(x - mean) / standard deviation, for each unit by itself.",
        [TransformKey.over, TransformKey.mean, TransformKey.deviation]
      ) { object throws(DescriptionError) in try readStandardization(object) },
      Kind("repeat", "Every step several times in a row.", [TransformKey.times]) {
        object throws(DescriptionError) in .repeatSteps(try object.read(TransformKey.times))
      },
      Kind("bin", "Several steps become one.", [TransformKey.width, TransformKey.by]) {
        object throws(DescriptionError) in
        .bin(width: try object.read(TransformKey.width), by: try object.read(TransformKey.by))
      },
      Kind("crop", "Some steps alone.", [TransformKey.from, TransformKey.to]) {
        object throws(DescriptionError) in
        let (from, to) = (try object.read(TransformKey.from), try object.read(TransformKey.to))
        guard from < to else {
          throw try object.value("to").refused(expected: "an integer above from (\(from))")
        }
        return .crop(from: from, to: to)
      },
      Kind(
        "pad", "Steps of a value in front and behind.",
        [TransformKey.before, TransformKey.after, TransformKey.value]
      ) { object throws(DescriptionError) in
        .pad(
          before: try object.read(TransformKey.before), after: try object.read(TransformKey.after),
          value: try object.read(TransformKey.value))
      },
    ])
  }

  private static func readStandardization(
    _ object: DescriptionObject
  ) throws(DescriptionError) -> Transform {
    let over = try object.read(TransformKey.over)
    let mean = try object.optional(TransformKey.mean)
    let deviation = try object.optional(TransformKey.deviation)
    guard let mean, let deviation else {
      // One without the other is a slip.
      if mean != nil { _ = try object.value(TransformKey.deviation.name) }
      if deviation != nil { _ = try object.value(TransformKey.mean.name) }
      return .standardize(over: over, nil)
    }
    do throws(SpindleError) {
      return .standardize(
        over: over, try Standardization(mean: mean, standardDeviation: deviation))
    } catch {
      throw try object.value(TransformKey.deviation.name).refused(
        expected: "numbers above zero, as many as of \"mean\"", found: error.description)
    }
  }
}

/// Keys of transforms.
private enum TransformKey {
  static let units = Key(
    "units", Format<[Int]>.list(of: .countOrNone, atLeast: 1),
    "The units, counted from 0, in the order wanted.", absence: .refused)
  static let scale = Key(
    "scale", Format<Double>.number(.any), "The factor.", absence: .means(1))
  static let offset = Key(
    "offset", Format<Double>.number(.any), "What is added.", absence: .means(0))
  static let over = Key(
    "over", Format<Transform.StandardizationSample>.choice,
    "The samples that mean and deviation are taken from.", absence: .means("train"))
  static let mean = Key(
    "mean", Format<[Float]>.list(of: .float(.any), atLeast: 1),
    "The mean of each unit; a checkpoint holds those that training found.")
  static let deviation = Key(
    "standard_deviation", Format<[Float]>.list(of: .float(.positive), atLeast: 1),
    "The standard deviation of each unit; a checkpoint holds those that training found.")
  static let times = Key("times", Format<Int>.count, "How many times.", absence: .refused)
  static let width = Key("width", Format<Int>.count, "Steps in a bin.", absence: .refused)
  static let by = Key(
    "by", Format<Binning>.choice,
    "any: a spike where there was one; sum; mean.", absence: .means("sum"))
  static let from = Key(
    "from", Format<Int>.countOrNone, "The first step.", absence: .means(0))
  static let to = Key(
    "to", Format<Int>.count, "The step behind the last.", absence: .refused)
  static let before = Key(
    "before", Format<Int>.countOrNone, "Steps in front.", absence: .means(0))
  static let after = Key(
    "after", Format<Int>.countOrNone, "Steps behind.", absence: .means(0))
  static let value = Key(
    "value", Format<Float>.float(.any), "The value of the new steps.", absence: .means(0))
}
