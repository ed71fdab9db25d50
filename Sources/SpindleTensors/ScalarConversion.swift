// Both formats are little-endian, and the bulk copies below take the bytes as they are.
#if _endian(big)
  #error("SpindleTensors supports little-endian machines only")
#endif

/// Every whole `Raw` in `bytes`, each through `transform`.
///
/// A remainder shorter than one `Raw` is ignored. O(n).
@inline(__always)
func convert<Raw: FixedWidthInteger & BitwiseCopyable, Value>(
  _ bytes: [UInt8], of raw: Raw.Type, _ transform: (Raw) -> Value
) -> [Value] {
  let count = bytes.count / MemoryLayout<Raw>.size
  // The bytes of an array need not be aligned to Raw, hence the unaligned load. It is in range:
  // count is rounded down.
  return unsafe bytes.withUnsafeBytes { source in
    unsafe [Value](unsafeUninitializedCapacity: count) { target, initialized in
      for index in 0..<count {
        let element = unsafe source.loadUnaligned(
          fromByteOffset: index * MemoryLayout<Raw>.size, as: Raw.self)
        unsafe target.initializeElement(at: index, to: transform(element))
      }
      initialized = count
    }
  }
}

/// Every whole `Value` in `bytes`, copied as it stands.
///
/// O(n). Only for types of which every bit pattern is a value: integers and floating point.
func reinterpret<Value: BitwiseCopyable>(_ bytes: [UInt8], as value: Value.Type) -> [Value] {
  let count = bytes.count / MemoryLayout<Value>.size
  return unsafe bytes.withUnsafeBytes { source in
    unsafe [Value](unsafeUninitializedCapacity: count) { target, initialized in
      let whole = unsafe UnsafeRawBufferPointer(
        rebasing: source[..<(count * MemoryLayout<Value>.size)])
      unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: whole)
      initialized = count
    }
  }
}

/// The bytes of an array of integers or floating-point numbers.
package func rawBytes<Value: BitwiseCopyable>(of values: [Value]) -> [UInt8] {
  unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
}

extension ScalarType {
  /// The elements in `bytes` as Float: exact from F32 and all types of 8 and 16 bits, else rounded
  /// to nearest.
  package func floats(from bytes: [UInt8]) -> [Float] {
    switch self {
    case .f32: reinterpret(bytes, as: Float.self)
    case .f64: convert(bytes, of: UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f16: convert(bytes, of: UInt16.self, floatFromHalf)
    case .bf16: convert(bytes, of: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .i8: convert(bytes, of: Int8.self) { Float($0) }
    case .i16: convert(bytes, of: Int16.self) { Float($0) }
    case .i32: convert(bytes, of: Int32.self) { Float($0) }
    case .i64: convert(bytes, of: Int64.self) { Float($0) }
    case .u8: convert(bytes, of: UInt8.self) { Float($0) }
    case .u16: convert(bytes, of: UInt16.self) { Float($0) }
    case .u32: convert(bytes, of: UInt32.self) { Float($0) }
    case .u64: convert(bytes, of: UInt64.self) { Float($0) }
    case .bool: convert(bytes, of: UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// The elements in `bytes` as Double: exact from all but I64 and U64, which are rounded to
  /// nearest.
  package func doubles(from bytes: [UInt8]) -> [Double] {
    switch self {
    case .f32: convert(bytes, of: UInt32.self) { Double(Float(bitPattern: $0)) }
    case .f64: reinterpret(bytes, as: Double.self)
    case .f16: convert(bytes, of: UInt16.self) { Double(floatFromHalf($0)) }
    case .bf16: convert(bytes, of: UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .i8: convert(bytes, of: Int8.self) { Double($0) }
    case .i16: convert(bytes, of: Int16.self) { Double($0) }
    case .i32: convert(bytes, of: Int32.self) { Double($0) }
    case .i64: convert(bytes, of: Int64.self) { Double($0) }
    case .u8: convert(bytes, of: UInt8.self) { Double($0) }
    case .u16: convert(bytes, of: UInt16.self) { Double($0) }
    case .u32: convert(bytes, of: UInt32.self) { Double($0) }
    case .u64: convert(bytes, of: UInt64.self) { Double($0) }
    case .bool: convert(bytes, of: UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// The elements in `bytes` as Int, or nil for a floating-point type, and where one of U64 is above
  /// Int.max.
  package func integers(from bytes: [UInt8]) -> [Int]? {
    switch self {
    case .f32, .f64, .f16, .bf16: return nil
    case .i8: return convert(bytes, of: Int8.self) { Int($0) }
    case .i16: return convert(bytes, of: Int16.self) { Int($0) }
    case .i32: return convert(bytes, of: Int32.self) { Int($0) }
    case .i64: return convert(bytes, of: Int64.self) { Int($0) }
    case .u8: return convert(bytes, of: UInt8.self) { Int($0) }
    case .u16: return convert(bytes, of: UInt16.self) { Int($0) }
    case .u32: return convert(bytes, of: UInt32.self) { Int($0) }
    case .u64:
      let values = convert(bytes, of: UInt64.self) { Int(clamping: $0) }
      return values.contains(Int.max) ? nil : values
    case .bool: return convert(bytes, of: UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }
}

/// The value of an IEEE 754 binary16, exactly; the payload of a NaN is kept.
///
/// By hand because Float16 is missing on some platforms and a library call on others.
@inline(__always)
func floatFromHalf(_ half: UInt16) -> Float {
  let sign = UInt32(half & 0x8000) << 16
  let magnitude = UInt32(half & 0x7FFF)
  let bits: UInt32 =
    switch magnitude >> 10 {
    // Zero and the subnormals: a multiple of 2^-24, of which every one is a normal Float.
    case 0: (Float(magnitude) * 0x1p-24).bitPattern
    // Infinity and NaN: the widest exponent stays the widest.
    case 31: 0x7F80_0000 | (magnitude << 13)
    // The exponent's bias grows from 15 to 127.
    default: (magnitude << 13) + (112 << 23)
    }
  return Float(bitPattern: sign | bits)
}
