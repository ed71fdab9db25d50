import Spindle

import struct SpindleTensors.NumPyArray

extension Material {
  /// Weights, input and target that another program drew, from .npy files in a folder: weight
  /// [I, N], recurrent_weight [N, N] (row source), readout_weight [N, O], target [T, N] or classes
  /// [B], and input0 to input3 [B, T, I].
  init(_ workload: Workload, folder: String) throws {
    func read(_ name: String, _ shape: [Int]) throws -> NumPyArray {
      let array = try NumPyArray(contentsOf: "\(folder)/\(name).npy")
      guard array.shape == shape else {
        throw BenchmarkError("\(folder)/\(name).npy has shape \(array.shape), not \(shape)")
      }
      return array
    }
    let (inputs, hidden) = (workload.inputs, workload.hidden)
    var network = try workload.makeNetwork()
    try network.set("0.weight", to: try read("weight", [inputs, hidden]).floats())
    if workload.topology == .rc {
      let values = try read("recurrent_weight", [hidden, hidden]).floats()
      try network.set("1.recurrent_weight", to: values)
    }
    var target = Target.classes([])
    if let outputs = workload.outputs {
      try network.set("2.weight", to: try read("readout_weight", [hidden, outputs]).floats())
      target = .classes(try read("target", [workload.batch]).integers().map { Int32(clamping: $0) })
    } else {
      let shape = [workload.steps, hidden]
      target = .values(try Tensor(shape: shape, values: try read("target", shape).floats()))
    }
    let batches = try (0..<4).map { index in
      let shape = [workload.batch, workload.steps, inputs]
      return try Batch(workload, values: try read("input\(index)", shape).floats())
    }
    self.init(network: network, batches: batches, loss: try workload.makeLoss(), target: target)
  }
}
