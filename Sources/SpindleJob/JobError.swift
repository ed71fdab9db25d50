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
    .configuration(error.description)
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
