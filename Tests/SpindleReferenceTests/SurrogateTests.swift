import Spindle
import SpindleReference
import Testing

@Suite struct SurrogateTests {
  @Test(arguments: Surrogate.Kind.allCases, [0.5, 1.0, 25.0])
  func derivativeIsThatOfThePrimitive(
    kind: Surrogate.Kind, slope: Double
  ) {
    let surrogate = Surrogate(kind, slope: Double(slope))
    let h = 1e-6 / slope
    for index in -40...40 {
      // In units of 1/slope; the offset keeps clear of the kinks at 0, 1/2 and 1.
      let x = (Double(index) * 0.1 + 0.03) / slope
      let difference = (surrogate.primitive(x + h) - surrogate.primitive(x - h)) / (2 * h)
      // Truncation: h^2 S'''/6 <= 6 slope 1e-12; rounding: an ulp of S (<= 3) over h.
      let tolerance = slope * (6e-12 + 4 * 3.ulp / 1e-6)
      let error = (difference - surrogate.derivative(x)).magnitude
      #expect(error <= tolerance, "\(kind), slope \(slope), x \(x): off by \(error)")
    }
    #expect(surrogate.primitive(0) == 0.5)
  }

  @Test func valuesFromTheDefinitions() {
    #expect(Surrogate(.fastSigmoid, slope: 2.0).derivative(-0.5 as Double) == 0.25)
    #expect(Surrogate(.atan, slope: 2.0).derivative(0 as Double) == 1)
    #expect(Surrogate(.sigmoid, slope: 4.0).derivative(0 as Double) == 1)
    #expect(Surrogate(.triangular, slope: 2.0).derivative(0.25 as Double) == 1)
    #expect(Surrogate(.triangular, slope: 2.0).derivative(0.5 as Double) == 0)
    // The edge |k x| = 1/2 is outside.
    #expect(Surrogate(.rectangular, slope: 2.0).derivative(0.25 as Double) == 0)
    #expect(Surrogate(.rectangular, slope: 2.0).derivative(0.25.nextDown as Double) == 2)
  }

  @Test(arguments: Surrogate.Kind.allCases)
  func noSlopeOverflows(kind: Surrogate.Kind) {
    for slope in [1e-30, 1, 1e30] as [Float] {
      let surrogate = Surrogate(kind, slope: Double(slope))
      for x in [-1e9, -1, 0, 1, 1e9] as [Float] {
        #expect(surrogate.derivative(x).isFinite, "\(kind), slope \(slope), x \(x)")
        #expect(surrogate.primitive(x).isFinite, "\(kind), slope \(slope), x \(x)")
      }
    }
  }
}
