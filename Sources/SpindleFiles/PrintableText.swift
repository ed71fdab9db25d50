/// The text without what would act on a terminal instead of being shown: control characters, and
/// those that turn the direction of the text around it. Each stands as "\u001b", which is also how
/// JSON writes it inside a string, so that a JSON document stays the same document.
///
/// Texts of files may hold anything. Lines and tabs stay: a text of one line is `printableLine`.
package func printable(_ text: String) -> String {
  shown(text) { $0 != "\n" && $0 != "\t" && isUnsafe($0) }
}

/// As `printable`, and without ends of lines and tabs: for a name within a line.
package func printableLine(_ text: String) -> String { shown(text, isUnsafe) }

private func shown(_ text: String, _ isHidden: (Unicode.Scalar) -> Bool) -> String {
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isHidden(scalar) {
      // All of them have at most four digits.
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL and C1
  case 0x2028, 0x2029: true  // ends of lines
  case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // directions
  case 0x200B, 0x2060...0x2065, 0x206A...0x206F, 0xFEFF: true  // nothing to be seen
  default: false
  }
}
