/// The shape for a message, cut after eight dimensions.
package func abridged(_ shape: [Int]) -> String {
  let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
  return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
}
