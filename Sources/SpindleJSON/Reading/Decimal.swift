/// The integer written by these ASCII digits.
///
/// Nil where the text is not all digits, has a leading zero or leaves the range of Int.
package func decimal(_ text: ArraySlice<UInt8>) -> Int? {
  if text.count > 1 && text.first == UInt8(ascii: "0") { return nil }
  var value = 0
  for byte in text {
    guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
    let (tenfold, tooLarge) = value.multipliedReportingOverflow(by: 10)
    let (next, overflow) = tenfold.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
    guard !tooLarge && !overflow else { return nil }
    value = next
  }
  return value
}
