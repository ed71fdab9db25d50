import ArgumentParser
import Foundation

/// What a user gave that no command can work with, in one sentence.
struct BadInput: Error {
  let sentence: String

  init(_ sentence: String) { self.sentence = sentence }
}

/// Prints a line on standard error.
func printError(_ line: String) {
  FileHandle.standardError.write(Data("spindle: \(line)\n".utf8))
}

/// Runs `body`; where the user's input is bad, says so on standard error and exits with status 2.
func exitingWithTwo<Result>(_ body: () throws(BadInput) -> Result) throws -> Result {
  do throws(BadInput) {
    return try body()
  } catch {
    printError(error.sentence)
    throw ExitCode(2)
  }
}
