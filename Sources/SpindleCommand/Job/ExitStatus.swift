import ArgumentParser
import Spindle
import SpindleFiles
import SpindleJob
import SpindleNIR
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
  } catch let error as SpindleError {
    // What a job meets while it runs is a JobError: this is what the user gave.
    StandardError.print("Error: \(error)")
    throw ExitCode(2)
  } catch let error as NIRError {
    StandardError.print("Error: \(error)")
    throw ExitCode(2)
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
