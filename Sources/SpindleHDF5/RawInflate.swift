import CZlib

/// What deflate packed without zlib's header, as in .zip files; nil where it is damaged or not
/// `byteCount` bytes.
package func inflateRaw(_ packed: ArraySlice<UInt8>, byteCount: Int) -> [UInt8]? {
  guard packed.count <= UInt32.max, byteCount <= UInt32.max else { return nil }
  var isWhole = false
  // zlib writes up to avail_out bytes from next_out on and reads avail_in from next_in on; both stand
  // for as long as the calls.
  let bytes = unsafe packed.withUnsafeBufferPointer { source in
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
      count = 0
      var stream = unsafe z_stream()
      let version = unsafe zlibVersion()
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      let begun = unsafe inflateInit2_(&stream, -MAX_WBITS, version, size)
      guard begun == Z_OK else { return }
      unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = UInt32(byteCount)
      let status = unsafe inflate(&stream, Z_FINISH)
      let isAllUsed = unsafe stream.avail_out == 0 && stream.avail_in == 0
      isWhole = status == Z_STREAM_END && isAllUsed
      _ = unsafe inflateEnd(&stream)
      count = isWhole ? byteCount : 0
    }
  }
  return isWhole ? bytes : nil
}

/// The checksum of .zip files.
package func checksum32(_ bytes: [UInt8]) -> UInt32 {
  // In parts, since zlib takes the number of bytes in 32 bits.
  var sum: uLong = 0
  for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
    let part = bytes[start..<min(start + 1 << 30, bytes.count)]
    sum = unsafe part.withUnsafeBufferPointer {
      unsafe crc32(sum, $0.baseAddress, UInt32($0.count))
    }
  }
  return UInt32(truncatingIfNeeded: sum)
}
