import CSpindle

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
