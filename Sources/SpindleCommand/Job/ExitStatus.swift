import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJob
import SpindleNIR
import SpindleReport

/// How an error ends the program.
struct Ending {
  /// What is printed.
  let sentence: String
  /// 2 for what the user gave, 1 for what went wrong while running.
  let status: Int32
}

extension Ending {
  /// Nil for an error that is not of a command's work.
  init?(_ error: any Error) {
    switch error {
    case JobError.configuration(let message): self.init(sentence: message, status: 2)
    case JobError.failed(let message): self.init(sentence: message, status: 1)
    // What a job meets while it runs is a JobError: these are what the user gave.
    case let error as SpindleError: self.init(sentence: error.description, status: 2)
    case let error as NIRError: self.init(sentence: error.description, status: 2)
    case let error as CommunicationError: self.init(sentence: error.description, status: 1)
    case let error as OutputError: self.init(sentence: error.description, status: 1)
    default: return nil
    }
  }
}

/// Runs a part of a command and ends the program as its errors ask.
func exiting(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as OutputError {
    // Told of where the program ends, if a reader is there.
    throw error
  } catch {
    guard let ending = Ending(error) else { throw error }
    StandardError.print("Error: \(ending.sentence)")
    throw ExitCode(ending.status)
  }
}

/// Refuses a file that cannot be written, before the work that would be lost is done.
func checkWritable(_ path: String) throws(JobError) {
  do throws(FileError) {
    try AtomicFile.probe(path)
  } catch {
    throw .configuration("cannot write \(path): cannot \(error.step): \(error.reason)")
  }
}

/// Keeps other runs from writing the checkpoint at a path, until it is released.
func lockCheckpoint(_ path: String) throws(JobError) -> FileLock {
  do throws(FileError) {
    if let lock = try FileLock.take(for: path) { return lock }
  } catch {
    throw .configuration("cannot write \(path): cannot \(error.step): \(error.reason)")
  }
  throw .configuration(
    "another run is writing \(path); wait for its end, or give this one a checkpoint of its own")
}
