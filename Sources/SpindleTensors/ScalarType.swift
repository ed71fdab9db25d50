/// The element types this module reads, with the format's own spelling as raw value.
///
/// Every multi-byte element is little-endian in the file
/// (https://github.com/huggingface/safetensors, section "Format").
public enum ScalarType: String, Sendable, CaseIterable {
  /// IEEE 754 binary32.
  case f32 = "F32"
  /// IEEE 754 binary64.
  case f64 = "F64"
  /// IEEE 754 binary16.
  case f16 = "F16"
  /// The upper half of a binary32.
  case bf16 = "BF16"
  /// Two's complement, 1 byte.
  case i8 = "I8"
  /// Two's complement, 2 bytes.
  case i16 = "I16"
  /// Two's complement, 4 bytes.
  case i32 = "I32"
  /// Two's complement, 8 bytes.
  case i64 = "I64"
  /// One unsigned byte.
  case u8 = "U8"
  /// Unsigned, 2 bytes.
  case u16 = "U16"
  /// Unsigned, 4 bytes.
  case u32 = "U32"
  /// Unsigned, 8 bytes.
  case u64 = "U64"
  /// One byte: 0 is false and read as 0, all else true and read as 1.
  case bool = "BOOL"

  /// The size of one element in bytes, which is also its alignment.
  public var byteCount: Int {
    switch self {
    case .i8, .u8, .bool: 1
    case .f16, .bf16, .i16, .u16: 2
    case .f32, .i32, .u32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// Whether `SafetensorsFile` writes elements of this type: F64, F32, I32, U16, I16, I8
  /// and U8.
  public var isWritable: Bool { writingRank != nil }

  /// The place among the writable types in a written file: the reference writer puts larger
  /// alignments first and, of equal ones, F32 before I32, so that every tensor stays aligned.
  var writingRank: Int? {
    switch self {
    case .f64: 0
    case .f32: 1
    case .i32: 2
    case .u16: 3
    case .i16: 4
    case .i8: 5
    case .u8: 6
    default: nil
    }
  }
}

/// The number of elements of an array of this shape: 1 for an empty shape.
///
/// Nil where a dimension is negative or the product leaves the range of Int. As in the reference
/// implementation the product overflows even where a later dimension is zero.
package func elementCount(of shape: [Int]) -> Int? {
  var count = 1
  for dimension in shape {
    guard dimension >= 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
    guard !overflow else { return nil }
    count = product
  }
  return count
}
