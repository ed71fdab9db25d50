extension Loss {
  /// Refuses a target that does not fit the loss and B samples, T steps and N outputs. Allocates
  /// nothing.
  ///
  /// - Parameters:
  ///   - target: what the output should be.
  ///   - batch: B.
  ///   - steps: T.
  ///   - neurons: N.
  ///   - shortest: the smallest length of a sample; nil for T.
  package func check(
    _ target: Target, batch: Int, steps: Int, neurons: Int, shortest: Int? = nil
  ) throws(SpindleError) {
    if case .custom = self { return }
    if case .recallCrossEntropy(let first, let answer) = self {
      let steps = shortest ?? steps
      try require(
        (0..<steps).contains(first), "the first step of \"\(name)\"", "from 0 to \(steps - 1)",
        first)
      try require(
        (1...steps).contains(answer), "the answer's steps of \"\(name)\"", "from 1 to \(steps)",
        answer)
    }
    switch target {
    case .values(let tensor):
      try require(!wantsClasses, "the target of \(name)", "classes", "values")
      try checkShape(tensor.shape, batch, steps, neurons)
    case .classes(let classes):
      try require(wantsClasses, "the target of \(name)", "values", "classes")
      try require(classes.count == batch, "the target's classes", shape: [batch], [classes.count])
      for value in classes where value < 0 || Int(value) >= neurons {
        throw .invalidValue(
          what: "a class", expected: "from 0 to \(neurons - 1)", got: "\(value)")
      }
    }
  }

  private func checkShape(
    _ shape: [Int], _ batch: Int, _ steps: Int, _ neurons: Int
  ) throws(SpindleError) {
    let rank = shape.count
    let fits: Bool
    switch self {
    case .meanRateMSE: fits = rank == 2 && shape[0] == steps && shape[1] == neurons
    case .spikeCountMSE: fits = rank == 2 && shape[0] == batch && shape[1] == neurons
    case .firingRateMSE:
      fits =
        rank == 1 ? shape[0] == neurons : rank == 2 && shape[0] == batch && shape[1] == neurons
    default:
      fits = rank == 3 && shape[0] == batch && shape[1] == steps && shape[2] == neurons
    }
    guard !fits else { return }
    let expected =
      switch self {
      case .meanRateMSE: [steps, neurons]
      case .spikeCountMSE, .firingRateMSE: [batch, neurons]
      default: [batch, steps, neurons]
      }
    throw .shapeMismatch(what: "the target", expected: expected, got: shape)
  }
}
