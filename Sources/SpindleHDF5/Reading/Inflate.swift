import CZlib

/// The bytes that zlib packed into `packed`; nil where they are damaged or are not `byteCount`.
func inflate(_ packed: [UInt8], byteCount: Int) -> [UInt8]? {
  var isWhole = false
  // zlib writes up to `length` bytes from `target` on and reads `packed.count` from `source` on;
  // both stand for as long as the call.
  let bytes = unsafe packed.withUnsafeBufferPointer { source in
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
      var length = uLong(byteCount)
      let status = unsafe uncompress(
        target.baseAddress, &length, source.baseAddress, uLong(source.count))
      isWhole = status == Z_OK && Int(length) == byteCount
      count = isWhole ? byteCount : 0
    }
  }
  return isWhole ? bytes : nil
}
