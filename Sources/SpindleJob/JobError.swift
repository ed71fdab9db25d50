import Spindle
import SpindleReport

/// Why a job did not run or did not end well.
public enum JobError: Error, Sendable {
  /// The configuration, or what it names, is not as it must be; nothing was run.
  case configuration(String)
  /// Something went wrong while the job ran.
  case failed(String)
}

extension JobError {
  /// What a lower layer refuses, as a fault of the configuration.
  package static func refused(_ error: SpindleError) -> JobError {
    switch error {
    case .tooManyRanks(let ranks, let parts, let most) where ranks <= most:
      .configuration(
        "\(ranks) ranks need a part of the batch each, and it is cut into \(parts); "
          + "--set training.parts=\(ranks) cuts it into as many, with the bits that one process then "
          + "gives, too")
    case .communication(let error): .failed(error.description)
    default: .configuration(error.description)
    }
  }
}

extension JobError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .configuration(let message), .failed(let message): message
    }
  }
}
