/// Whether no more than 30 combining marks follow one another, as in Unicode's stream-safe text
/// (https://www.unicode.org/reports/tr15/, section 13).
///
/// Hashing or comparing a String puts the marks of each such run in order, which takes quadratic
/// time: a hostile key of a megabyte of marks would hold the reader for minutes. O(n).
func hasBoundedMarks(_ text: String) -> Bool {
  var run = 0
  for scalar in text.unicodeScalars where !scalar.isASCII || run > 0 {
    run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
    if run > 30 { return false }
  }
  return true
}
