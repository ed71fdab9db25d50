import CSpindle
import SpindleFiles

/// Turns a status of the C core into the library's error. Shapes and values are checked before the
/// core runs, so that a refusal here is a fault of this library.
func check(_ status: spindle_status) throws(SpindleError) {
  guard status != SPINDLE_OK else { return }
  // What the environment asks for is known to the core alone.
  if status == SPINDLE_UNSUPPORTED_ISA { throw ISA.automatic.unsupported }
  throw .engine(unsafe String(cString: spindle_status_text(status)))
}

/// Refuses an allocation that the machine cannot give. Asking the system takes some 20 microseconds,
/// so small ones are not asked about.
package func checkMemory(_ bytes: Int) throws(SpindleError) {
  guard bytes > 1 << 26 else { return }
  let available = spindle_available_memory()
  guard UInt(bytes) > available else { return }
  throw .outOfMemory(needed: bytes, available: Int(clamping: available))
}

/// Refuses an array of `count` values of so many bytes each, as `checkMemory` does.
package func checkMemory(_ shape: [Int], bytes: Int, of what: String) throws(SpindleError) {
  // A volume is at most Int.max / 64, so that the product fits.
  try checkMemory(try shape.volume(of: what) * bytes)
}

/// Refuses a file that cannot be read because it is larger than memory; one that is not there is
/// for the reader to tell of.
///
/// - Parameter times: the memory that reading takes at its peak, in sizes of the file.
package func checkFile(_ path: String, times: Int = 2) throws(SpindleError) {
  guard let size = byteCount(of: path) else { return }
  let (needed, overflow) = size.multipliedReportingOverflow(by: times)
  do throws(SpindleError) {
    try checkMemory(overflow ? Int.max : needed)
  } catch .outOfMemory(let needed, let available) {
    throw .file(
      "\(path): \(inBytes(needed)) of memory are needed to read it and "
        + "\(inBytes(available ?? 0)) are available")
  }
}
