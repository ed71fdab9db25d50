import ArgumentParser
import Spindle
import SpindleJob
import SpindleReport

/// Runs a part of a command and ends the program as its errors ask: status 2 for what the user
/// gave, 1 for what went wrong while running.
func exiting(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as JobError {
    StandardError.print("Error: \(error)")
    switch error {
    case .configuration: throw ExitCode(2)
    case .failed: throw ExitCode(1)
    }
  }
}
