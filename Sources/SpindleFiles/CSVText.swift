/// A field of a CSV file, in quotes where it holds a character that would end it (RFC 4180).
package func csvField(_ field: String) -> String {
  guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
  var quoted = "\""
  for character in field { quoted += character == "\"" ? "\"\"" : String(character) }
  return quoted + "\""
}
