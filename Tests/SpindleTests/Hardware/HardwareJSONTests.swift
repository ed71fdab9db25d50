import SpindleJSON
import Testing

@testable import Spindle

/// A layer's key `hardware`.
struct HardwareJSONTests {
  private func read(_ hardware: String, kind: String = "lif") throws -> NetworkDescription {
    try NetworkDescription(
      DescriptionValue(
        parsing: """
          {"inputs": 3, "layers": [{"kind": "\(kind)", "neurons": 4, \
          \(kind == "lif" ? #""topology": "RC","# : "") "hardware": \(hardware)}]}
          """, root: "the network"))
  }

  @Test func roundTrips() throws {
    let texts = [
      #""h1v1""#, #"{"preset": "h1v2", "floor": -0.5}"#, #"{"quantize": {"bits": 5}}"#,
      #"{"quantize": {"bits": 5, "range": 0.9, "power_of_two": true, "bias": true}}"#,
      #"{"quantize": {"bits": 16, "scale": "tensor"}, "mismatch": {"weights": 0.3, "tau": 0.1}}"#,
      #"{"input_signs": [1, -1, 0], "recurrent_signs": 0.8, "input_mask": {"density": 0.5}}"#,
      #"{"recurrent_mask": [[0,1,1,1],[1,0,1,1],[1,1,0,1],[1,1,1,0]]}"#,
      #"{"magnitude_penalty": {"strength": 1, "limit": 0.9}, "sign_penalty": {"strength": 2}}"#,
      #"{"energy": {"synaptic_operation": 1e-12, "neuron_step": 1e-11, "spike": 0, "power": 1e-4}}"#,
    ]
    for text in texts {
      let network = try read(text)
      let again = try NetworkDescription(
        DescriptionValue(parsing: network.canonicalText, root: "the network"))
      #expect(again == network, "\(text)")
      #expect(network.layers[0].hardware != .ideal, "\(text)")
    }
  }

  @Test func presets() throws {
    let preset = try read(#""h1v2""#).layers[0].hardware
    #expect(preset == HardwarePreset.h1v2.hardware)
    #expect(preset.floor == 0 && preset.quantization?.scale == .range(1.66))
    let changed = try read(#"{"preset": "h1v1", "mismatch": {"weights": 0.1}}"#).layers[0].hardware
    #expect(changed.quantization == Quantization(bits: 5, scale: .range(0.9)))
    #expect(changed.mismatch.weights == 0.1)
  }

  /// Ideal layers are written as before.
  @Test func idealChipsAreNotWritten() throws {
    let text = NetworkDescription(inputs: 3, layers: [.lif(4)]).canonicalText
    #expect(!text.contains("hardware"))
  }

  @Test(arguments: [
    (#"{"quantize": {"bits": 1}}"#, "bits"), (#"{"quantize": {"bits": 17}}"#, "bits"),
    (#"{"quantize": {}}"#, "bits"), (#"{"quantize": {"bits": 5, "scale": "range"}}"#, "range"),
    (#"{"quantize": {"bits": 5, "range": 0}}"#, "range"),
    (#"{"quantize": {"bits": 5, "range": 1, "scale": "neuron"}}"#, "range"),
    (#"{"mismatch": {"weights": -1}}"#, "weights"), (#"{"floor": 0.1}"#, "floor"),
    (#"{"input_signs": [1, -1]}"#, "input_signs"), (#"{"input_signs": 1.5}"#, "input_signs"),
    (#"{"recurrent_mask": [[0, 1]]}"#, "recurrent_mask"),
    (#"{"input_mask": {"density": 2}}"#, "density"), (#""h9""#, "hardware"),
    (#"{"sign_penalty": {"strength": 1, "group": 0}}"#, "group"),
    (#"{"magnitude_penalty": {"strength": 1}}"#, "limit"),
  ]) func refusals(text: String, place: String) {
    let error = #expect(throws: DescriptionError.self) { try read(text) }
    #expect(error?.description.contains(place) ?? false, "\(error?.description ?? "")")
  }

  @Test func integratorsHaveNoFloor() {
    #expect(throws: DescriptionError.self) { try read(#"{"floor": 0}"#, kind: "li") }
    #expect(throws: DescriptionError.self) { try read(#"{"recurrent_signs": 1}"#, kind: "li") }
  }
}
