import ArgumentParser
import Foundation
import Spindle
import SpindleJSON

extension SpindleCommand {
  /// As the library's own, but that a command line it cannot parse is bad input like any other,
  /// status 2 and not 64, and that whatever goes to standard output is known to have arrived.
  static func main() async {
    Descriptor.occupyClosed()
    if let text = Execution.ignoredThreads, Launch.isFirst {
      StandardError.print(
        "warning: OMP_NUM_THREADS is \(quoted(text)), which is no number of threads, and is as if it "
          + "were not set")
    }
    do {
      do {
        var command = try parse()
        try Launch.current?.check(command)
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      } catch {
        try end(with: error)
      }
    } catch let error as OutputError {
      if error.isBrokenPipe { Foundation.exit(OutputError.brokenPipeStatus) }
      StandardError.print("Error: \(error.description)")
      Foundation.exit(1)
    } catch {
      exit(withError: error)
    }
  }

  /// The command of the command line. What is wrong with it, and help, one process prints for all.
  private static func parse() throws -> any ParsableCommand {
    do {
      return try parseAsRoot()
    } catch {
      guard Launch.isFirst else { Foundation.exit(0) }
      throw error
    }
  }

  /// Tells of an error, or of help that was asked for, and ends the program.
  private static func end(with error: any Error) throws {
    if error is OutputError { throw error }
    let text = fullMessage(for: error)
    switch exitCode(for: error) {
    case .success:
      if !text.isEmpty { try StandardOutput.print(text) }
      Foundation.exit(0)
    case .validationFailure:
      StandardError.print(text)
      Foundation.exit(2)
    default: exit(withError: error)
    }
  }
}
