import SpindleHDF5
import SpindleNIR

/// Graphs made in tests.
enum TestGraphs {
  static func array(_ values: [Double]) -> NIRArray {
    NIRArray(shape: [values.count], .float64(values))
  }

  static func matrix(_ rows: [[Double]]) -> NIRArray {
    NIRArray(shape: [rows.count, rows[0].count], .float64(rows.flatMap(\.self)))
  }

  static func boundary(_ type: String, _ shape: [Int]) -> NIRNode {
    NIRNode(type: type, parameters: ["shape": NIRArray(shape: [shape.count], .int64(shape))])
  }

  static func linear(_ rows: [[Double]]) -> NIRNode {
    NIRNode(type: "Linear", parameters: ["weight": matrix(rows)])
  }

  static func lif(
    tau: [Double], r: Double = 1, leak: Double = 0, threshold: Double = 1, reset: Double? = 0
  ) -> NIRNode {
    let each = { (value: Double) in array([Double](repeating: value, count: tau.count)) }
    var parameters = [
      "tau": array(tau), "r": each(r), "v_leak": each(leak), "v_threshold": each(threshold),
    ]
    if let reset { parameters["v_reset"] = each(reset) }
    return NIRNode(type: "LIF", parameters: parameters)
  }

  static func li(tau: [Double], r: Double = 1) -> NIRNode {
    var node = lif(tau: tau, r: r, reset: nil)
    node.type = "LI"
    node.parameters["v_threshold"] = nil
    return node
  }

  /// Input 2 -> fc1 -> lif1 (3) -> fc2 -> li (2) -> Output.
  static var chain: NIRGraph {
    NIRGraph(
      nodes: [
        "input": boundary("Input", [2]), "fc1": linear([[1, 2], [3, 4], [5, 6]]),
        "lif1": lif(tau: [0.01, 0.02, 0.03]), "fc2": linear([[1, 2, 3], [4, 5, 6]]),
        "li": li(tau: [0.01, 0.01]), "output": boundary("Output", [2]),
      ],
      edges: edges("input", "fc1", "lif1", "fc2", "li", "output"))
  }

  static func edges(_ names: String...) -> [NIREdge] {
    zip(names, names.dropFirst()).map { NIREdge($0, $1) }
  }
}
