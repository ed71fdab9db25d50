import CSpindle

/// A call that the C core refused.
struct CoreError: Error {
  let status: String

  /// Throws where a status is not OK.
  static func check(_ status: spindle_status) throws {
    guard status != SPINDLE_OK else { return }
    throw CoreError(status: unsafe String(cString: spindle_status_text(status)))
  }
}

/// Numbers in memory that the core allocates, aligned as it wants them.
@safe final class Buffer<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  /// Zeros.
  init(count: Int) throws {
    var block: UnsafeMutableRawPointer?
    try CoreError.check(unsafe spindle_allocate(count * MemoryLayout<Element>.stride, &block))
    guard let block = unsafe block else { throw CoreError(status: "no memory") }
    unsafe start = block.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { unsafe spindle_free(start) }
}

extension Buffer<Float> {
  /// Normal numbers of mean zero.
  convenience init(normal deviation: Float, count: Int, stream: UInt64) throws {
    try self.init(count: count)
    var random = spindle_random(seed: 0, stream: stream, offset: 0, isa: SPINDLE_ISA_AUTOMATIC)
    try CoreError.check(unsafe spindle_random_normal(&random, 0, deviation, count, start))
  }
}
