import CSpindle
import SpindleJSON
import Testing

@testable import Spindle

/// The table of parameters: what the core expects, by name and by role.
struct ParameterTableTests {
  /// With every parameter that there is.
  private static let rich = NetworkDescription(
    inputs: 3,
    layers: [
      .lif(
        4, synapticTau: 0.005, spiking: Spiking(adaptation: Adaptation(strength: 0.1, tau: 0.1)),
        recurrence: .rc(), connection: Connection(bias: .constant(0)),
        learned: Set(Role.allCases)),
      .lif(5, recurrence: .oneToOne(), learned: []),
      .li(2),
    ])

  @Test func namesShapesAndPlaces() throws {
    let parameters = try Self.rich.parameters
    #expect(
      parameters.map { "\($0.name) \($0.shape)\($0.isLearned ? " learned" : "")" } == [
        "0.weight [3, 4] learned", "0.bias [4] learned", "0.recurrent_weight [4, 4] learned",
        "0.tau [4] learned", "0.synaptic_tau [4] learned", "0.threshold [4] learned",
        "0.adaptation_strength [4] learned", "0.adaptation_tau [4] learned",
        "1.weight [4, 5]", "1.recurrent_weight [5]", "1.tau [5]", "1.threshold [5]",
        "2.weight [5, 2] learned", "2.tau [2]",
      ])
    #expect(
      parameters.filter(\.isPositive).map(\.name) == [
        "0.tau", "0.synaptic_tau", "0.threshold", "0.adaptation_tau", "1.tau", "2.tau",
      ])
    var end = 0
    for parameter in parameters {
      #expect(parameter.range == end..<end + parameter.shape.reduce(1, *))
      end = parameter.range.upperBound
    }
    let network = try Network(Self.rich)
    #expect(network.parameters == parameters && network.parameterCount == end)
    for parameter in parameters {
      #expect(try network.parameter(parameter.name) == parameter)
      #expect(try network.parameter(layer: parameter.layer, role: parameter.role) == parameter)
    }
    expectError("no parameter \"1.bias\"; the network has 0.weight, 0.bias") {
      _ = try network.parameter(layer: 1, role: .bias)
    }
  }

  /// Of random networks, and of one with every parameter.
  @Test func theOrderIsTheCores() throws {
    let random = try seeds(from: 13_000, 30).map { try RandomCase(seed: $0).network }
    for network in try random + [Network(Self.rich)] {
      var places = [spindle_layer_parameters](
        repeating: .init(), count: network.layers.count)
      var count = 0
      let status = unsafe network.withConfiguration(batch: 1, steps: 1, .init()) { configuration in
        unsafe places.withUnsafeMutableBufferPointer {
          unsafe spindle_parameter_layout(configuration, $0.baseAddress, &count)
        }
      }
      #expect(status == SPINDLE_OK && count == network.parameterCount)
      for (layer, place) in places.enumerated() {
        let offsets = unsafe withUnsafeBytes(of: place.offset) {
          unsafe Array($0.bindMemory(to: Int.self))
        }
        for (role, offset) in zip(Role.allCases, offsets) {
          let parameter = try? network.parameter(layer: layer, role: role)
          // SPINDLE_ABSENT, the largest size, is -1 in Swift.
          #expect(parameter?.range.lowerBound ?? -1 == offset, "\(role)")
        }
      }
    }
  }

  /// The core knows the roles by the names that files have.
  @Test func theNamesAreTheCores() {
    for (index, role) in Role.allCases.enumerated() {
      let name = unsafe spindle_role_name(spindle_role(rawValue: UInt32(index)))
      #expect(unsafe name.map { unsafe String(cString: $0) } == role.rawValue)
    }
    #expect(SPINDLE_ROLE_COUNT.rawValue == Role.allCases.count)
  }

  /// Errors name the places where parameters begin by the keys of the JSON.
  @Test func keysAreThoseOfTheJSON() throws {
    guard case .object(let network) = Self.rich.json, case .array(let layers)? = network["layers"]
    else { throw NotAnObject() }
    for role in Role.allCases {
      var value: JSONValue? = layers[0]
      for key in role.key.split(separator: ".") {
        guard case .object(let members)? = value else { throw NotAnObject() }
        value = members[String(key)]
      }
      #expect(value != nil, "\(role)")
    }
  }

  private struct NotAnObject: Error {}
}
