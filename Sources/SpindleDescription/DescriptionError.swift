import Safetensors

/// What is wrong with a JSON description, each with one sentence that names the place and says what
/// is allowed and what came.
public enum DescriptionError: Error, Equatable, Sendable {
  /// The text is not JSON; `root` is what it was to describe.
  case notJSON(root: String, SafetensorsError)
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
    case .notJSON(let root, let error): "\(root): \(error)"
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

/// The fewest characters to insert, remove or replace (Levenshtein 1966). O(n m).
private func editDistance(_ first: String, _ second: String) -> Int {
  let second = Array(second)
  var row = Array(0...second.count)
  for (i, character) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in second.indices {
      let replaced = diagonal + (character == second[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[second.count]
}
