import Foundation
import TestSupport
import Testing

@testable import Spindle

/// The core's functions as Swift calls them. `Tests/c/mathematics.c` tests their accuracy, and that
/// their bits do not depend on the processor.
struct MathematicsTests {
  /// Of the exact values, in many digits, rounded to Double.
  @Test func knownValuesToTheBit() {
    #expect(Mathematics.exp(-0.1) == 0.904837418035959568141392384216935595309064654)
    #expect(Mathematics.exp(1) == 2.718281828459045235360287471352662497757247093)
    #expect(Mathematics.log1p(-0.5) == -0.693147180559945309417232121458176568075500134)
    #expect(Mathematics.sin(0.5) == 0.479425538604203000273287935215571388081803367)
    #expect(Mathematics.cos(0.5) == 0.877582561890372716116281582603829651991645197)
  }

  /// Both err by less than a unit in the last place.
  @Test func agreesWithTheSystemsWithinTwoUnits() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let x = Double.random(in: -20...20, using: &random)
      #expect(abs(Mathematics.exp(x) - exp(x)) <= 2 * exp(x).ulp)
      #expect(abs(Mathematics.log1p(abs(x)) - log1p(abs(x))) <= 2 * log1p(abs(x)).ulp)
      #expect(abs(Mathematics.sin(x) - sin(x)) <= 2 * sin(x).ulp)
      #expect(abs(Mathematics.cos(x) - cos(x)) <= 2 * cos(x).ulp)
    }
  }

  @Test func powersOfWholeExponents() {
    #expect(Mathematics.power(0, 0) == 1)
    #expect(Mathematics.power(0, 3) == 0)
    #expect(Mathematics.power(0.5, 1074) == .leastNonzeroMagnitude)
    #expect(Mathematics.power(0.5, .max) == 0)
    for exponent in 0..<40 {
      let exact = pow(0.1, Double(exponent))
      #expect(abs(Mathematics.power(0.1, exponent) - exact) <= Double(exponent + 1) * exact.ulp)
    }
  }
}
