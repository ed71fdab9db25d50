/// What is wrong with a JSON description, each with one sentence that names the place and says what
/// is allowed and what came.
public enum DescriptionError: Error, Equatable, Sendable {
  /// The text is not JSON.
  case notJSON(JSONError)
  /// An object has a key that is not allowed there.
  case unknownKey(place: String, key: String, allowed: [String])
  /// An object lacks a key.
  case missingKey(place: String, key: String)
  /// A value is not of the right kind or outside its range.
  case invalidValue(place: String, expected: String, found: String)
}

extension DescriptionError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .notJSON(let error): error.description
    case .unknownKey(let place, let key, let allowed):
      "expected only the keys \(allowed.joined(separator: ", ")) in \(place), "
        + "found \(quoted(key))"
        + (nearest(to: key, in: allowed).map { "; did you mean \"\($0)\"?" } ?? "")
    case .missingKey(let place, let key): "expected the key \"\(key)\" in \(place), found none"
    case .invalidValue(let place, let expected, let found):
      "expected \(expected) for \(place), found \(found)"
    }
  }
}

/// The word that a mistyped one most likely stands for: the fewest characters to change, and no
/// more than a third of the longer word's.
func nearest(to word: String, in words: [String]) -> String? {
  // What is much longer than any word is no slip, and its distance would take long.
  guard word.utf8.count <= 64 else { return nil }
  let distances = words.map { (word: $0, distance: editDistance(word, $0)) }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  return 3 * best.distance <= max(word.count, best.word.count) ? best.word : nil
}

/// The fewest characters to insert, remove, replace or swap with the next, none of them twice
/// ("optimal string alignment"). O(n m).
private func editDistance(_ first: String, _ second: String) -> Int {
  let (first, second) = (Array(first), Array(second))
  var rows = [Array(0...second.count)]
  for i in first.indices {
    var row = [i + 1]
    for j in second.indices {
      var least = min(
        rows[i][j] + (first[i] == second[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
        least = min(least, rows[i - 1][j - 1] + 1)
      }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[first.count][second.count]
}
