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
      KindRow(
        "select", "Some units alone.", [],
        [
          .init(
            "units", .list(of: .countOrNone, atLeast: 1),
            "The units, counted from 0, in the order wanted.", at: \.self, absence: .refused)
        ]
      ) { .select(units: $0) },
      KindRow(
        "affine", "scale x + offset.", [1, 0],
        [
          .init("scale", .number(.any), "The factor.", at: \.[0]),
          .init("offset", .number(.any), "What is added.", at: \.[1]),
        ]
      ) { .affine(scale: $0[0], offset: $0[1]) },
      KindRow(
        "standardize", "(x - mean) / standard deviation, for each unit by itself.",
        StandardizationKeys.table
      ) { keys, object throws(DescriptionError) in try keys.transform(object) },
      KindRow(
        "repeat", "Every step several times in a row.", 1,
        [.init("times", .count, "How many times.", at: \.self, absence: .refused)]
      ) { .repeatSteps($0) },
      KindRow(
        "bin", "Several steps become one.", StepKeys(),
        [
          .init("width", .count, "Steps in a bin.", at: \.width, absence: .refused),
          .init(
            "by", .choice, "any: a spike where there was one; sum; mean.", at: \.binning),
        ]
      ) { .bin(width: $0.width, by: $0.binning) },
      KindRow(
        "crop", "Some steps alone.",
        KeyTable(
          StepKeys(),
          [
            .init("from", .countOrNone, "The first step.", at: \.before),
            .init("to", .count, "The step behind the last.", at: \.after, absence: .refused),
          ])
      ) { steps, object throws(DescriptionError) in
        guard steps.before < steps.after else {
          throw try object.value("to").refused(expected: "an integer above from (\(steps.before))")
        }
        return .crop(from: steps.before, to: steps.after)
      },
      KindRow(
        "pad", "Steps of a value in front and behind.", StepKeys(),
        [
          .init("before", .countOrNone, "Steps in front.", at: \.before),
          .init("after", .countOrNone, "Steps behind.", at: \.after),
          .init("value", .float(.any), "The value of the new steps.", at: \.value),
        ]
      ) { .pad(before: $0.before, after: $0.after, value: $0.value) },
    ])
  }
}

extension Transform.StandardizationSample: JSONWritable {}
extension Binning: JSONWritable {}

/// Keys of transforms that change the steps.
private struct StepKeys {
  var width = 1
  var binning = Binning.sum
  var before = 0
  var after = 0
  var value: Float = 0
}

/// Keys of a standardisation.
private struct StandardizationKeys {
  var over = Transform.StandardizationSample.train
  var mean: [Float]?
  var deviation: [Float]?

  static let table = KeyTable(
    StandardizationKeys(),
    [
      .init("over", .choice, "The samples that mean and deviation are taken from.", at: \.over),
      .init(
        "mean", .list(of: .float(.any), atLeast: 1),
        "The mean of each unit; a checkpoint holds those that training found.", at: \.mean),
      .init(
        "standard_deviation", .list(of: .float(.positive), atLeast: 1),
        "The standard deviation of each unit; a checkpoint holds those that training found.",
        at: \.deviation),
    ])

  func transform(_ object: DescriptionObject) throws(DescriptionError) -> Transform {
    if mean == nil && deviation == nil { return .standardize(over: over, nil) }
    // One without the other is a slip.
    let (_, value) = (try object.value("mean"), try object.value("standard_deviation"))
    do throws(SpindleError) {
      return .standardize(
        over: over, try Standardization(mean: mean ?? [], standardDeviation: deviation ?? []))
    } catch {
      throw value.refused(
        expected: "numbers above zero, as many as of \"mean\"", found: error.description)
    }
  }
}
