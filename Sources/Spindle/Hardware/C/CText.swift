/// Pieces of C99 text.
enum CText {
  /// A constant array of numbers, in lines of at most 100 characters. More dimensions than one are
  /// flattened.
  static func array(
    _ type: String, _ name: String, _ numbers: [String]
  ) -> String {
    var lines: [String] = []
    var line = "   "
    for number in numbers {
      if line.utf8.count + number.utf8.count + 2 > 100 {
        lines.append(line)
        line = "   "
      }
      line += " \(number),"
    }
    lines.append(line)
    return "static const \(type) \(name)[\(numbers.count)] = {\n"
      + lines.joined(separator: "\n") + "\n};\n"
  }

  /// A constant array of integers.
  static func array(_ type: String, _ name: String, integers: [some BinaryInteger]) -> String {
    array(type, name, integers.map { literal(Int($0)) })
  }

  /// A constant array of floats, exact.
  static func array(_ name: String, floats: [Float]) -> String {
    array("float", name, floats.map(literal))
  }

  /// The least number of 32 bits has no literal of its own.
  private static func literal(_ number: Int) -> String {
    number == Int(Int32.min) ? "(-2147483647 - 1)" : "\(number)"
  }

  /// A float in hexadecimal; numbers below the least normal one, which the engine takes for zero,
  /// are zero.
  static func literal(_ number: Float) -> String {
    guard number.isNormal else { return number.sign == .minus ? "-0.0f" : "0.0f" }
    let digits = String(number.significandBitPattern << 1, radix: 16)
    let fraction = String(repeating: "0", count: 6 - digits.count) + digits
    return "\(number.sign == .minus ? "-" : "")0x1.\(fraction)p\(number.exponent)f"
  }

  /// The smallest type of signed integers that holds weights of these bits.
  static func weightType(bits: Int) -> String { bits <= 8 ? "int8_t" : "int16_t" }
}

/// The files of an exported network: C99 without memory of its own, a library of two functions and a
/// program that tests it.
public struct CExport: Sendable, Equatable {
  /// A file's name and text.
  public struct File: Sendable, Equatable {
    /// As in "network.h".
    public let name: String
    /// Its text.
    public let text: String
  }

  /// network.h, network.c and test_network.c.
  public let files: [File]
}

extension CExport {
  /// What the two kinds of networks, of integers and of floats, say of themselves.
  struct Parts {
    /// What the network is, for the header's comment.
    let summary: String
    /// The type of an input and of a potential.
    let input: String
    let potential: String
    /// N, and whether there is a filter, of each layer.
    let layers: [(neurons: Int, isFiltered: Bool)]
    let inputs: Int
    /// What stands in network.c before `network_step`: arrays, helpers and layer_0, layer_1, ...
    let body: String
    /// Headers that the body needs.
    let includes: [String]
    /// What the test compares: arrays of the input and of what each layer does.
    let steps: Int
    let vector: String
  }

  init(_ parts: Parts) {
    files = [
      File(name: "network.h", text: Self.header(parts)),
      File(name: "network.c", text: Self.library(parts)),
      File(name: "test_network.c", text: Self.test(parts)),
    ]
  }

  private static func header(_ parts: Parts) -> String {
    var members = ""
    for (index, layer) in parts.layers.enumerated() {
      members += "  \(parts.potential) membrane_\(index)[\(layer.neurons)];\n"
      if layer.isFiltered {
        members += "  \(parts.potential) filtered_\(index)[\(layer.neurons)];\n"
      }
      members += "  uint8_t spikes_\(index)[\(layer.neurons)];\n"
    }
    let last = parts.layers.count - 1
    return """
      /* \(parts.summary)
         Written by Spindle. C99; allocates nothing. */
      #ifndef NETWORK_H
      #define NETWORK_H
      #include <stdint.h>

      #define NETWORK_INPUTS \(parts.inputs)
      #define NETWORK_OUTPUTS \(parts.layers[last].neurons)

      /* What the network carries from step to step: membranes after the reset, filtered currents,
         and spikes, 0 or 1, of each layer from the input to the output. */
      typedef struct network_state {
      \(members)} network_state;

      /* Makes the state that of a network before its first step. */
      void network_reset(network_state *state);

      /* Takes one step. The outputs are spikes_\(last) and membrane_\(last) of the state. */
      void network_step(network_state *state, const \(parts.input) input[NETWORK_INPUTS]);

      #endif

      """
  }

  private static func library(_ parts: Parts) -> String {
    var steps = ""
    for index in parts.layers.indices {
      let input = index == 0 ? "input" : "state->spikes_\(index - 1)"
      steps += "  layer_\(index)(state, \(input));\n"
    }
    let includes = parts.includes.map { "#include <\($0)>\n" }.joined()
    return """
      #include "network.h"
      \(includes)
      \(parts.body)
      void network_reset(network_state *state) {
        memset(state, 0, sizeof *state);
      }

      void network_step(network_state *state, const \(parts.input) input[NETWORK_INPUTS]) {
      \(steps)}

      """
  }

  private static func test(_ parts: Parts) -> String {
    var comparisons = ""
    for (index, layer) in parts.layers.enumerated() {
      comparisons += """
            for (n = 0; n < \(layer.neurons); n++) {
              int k = t * \(layer.neurons) + n;
              if (state.spikes_\(index)[n] == expected_spikes_\(index)[k] &&
                  state.membrane_\(index)[n] == expected_membrane_\(index)[k])
                continue;
              if (wrong++ == 0)
                printf("layer \(index), step %d, neuron %d: spike %d, expected %d, or its membrane\\n",
                       t, n, state.spikes_\(index)[n], expected_spikes_\(index)[k]);
            }

        """
    }
    return """
      /* Runs the network on a sequence whose results are known; 0 where all are equal. */
      #include <stdio.h>
      #include "network.h"

      #define STEPS \(parts.steps)

      \(parts.vector)
      int main(void) {
        static network_state state;
        int t, n, wrong = 0;
        network_reset(&state);
        for (t = 0; t < STEPS; t++) {
          network_step(&state, input + t * NETWORK_INPUTS);
      \(comparisons)  }
        printf(wrong ? "%d numbers differ\\n" : "passed\\n", wrong);
        return wrong != 0;
      }

      """
  }
}
