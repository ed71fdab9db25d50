/// The value of an expression whose errors are told as those of a layer above.
///
/// - Parameters:
///   - body: the expression.
///   - outer: the layer's error for one of the expression's.
@inline(__always)
package func rethrowing<Value: ~Copyable, Inner: Error, Outer: Error>(
  _ body: @autoclosure () throws(Inner) -> Value, as outer: (Inner) -> Outer
) throws(Outer) -> Value {
  do throws(Inner) { return try body() } catch { throw outer(error) }
}
