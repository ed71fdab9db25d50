import Foundation
import Spindle
import TestSupport
import Testing

/// The code of the articles on how the engine computes, and on coming from other frameworks,
/// compiled and run as `ArticleTests` does.
struct EngineArticleTests {
  @Test(arguments: [
    "WhySixteenLanes", "TheSameBits", "Partitions", "ComingFromOtherFrameworks",
  ])
  func articlesHaveTheTestedCode(article: String) throws {
    try Articles.holdCode(of: article, to: #filePath)
  }

  @Test func whySixteenLanes() throws {
    // Article: WhySixteenLanes
    func network(_ neurons: Int) throws -> Network {
      try Network(
        inputs: 4,
        layers: [
          .lif(
            neurons, recurrence: .rc(),
            connection: Connection(weights: .normal(mean: 0.6, standardDeviation: 0.2)))
        ],
        seed: 1)
    }
    for neurons in [8, 16, 17, 64] {
      let plan = try network(neurons).plan(batch: 32, steps: 100)
      print("\(neurons) neurons: \(plan.layout)")  // lanes, lanes, rows, rows
    }
    // End of article code

    // Article: WhySixteenLanes
    var random = RandomStream(seed: 1, stream: 1 << 40)
    var spikes = try SpikeTrain(batch: 32, steps: 100, units: 4)
    try spikes.fill(probability: 0.3, from: &random)
    let small = try network(8)
    let rows = try small.run(.spikes(spikes), execution: Execution(layout: .rows))
    let lanes = try small.run(.spikes(spikes), execution: Execution(layout: .lanes))
    print(rows == lanes)  // true
    // End of article code
    #expect(rows == lanes)
    #expect(rows.spikes.values.contains(1) && rows.spikes.values.contains(0))
    let layouts = try [8, 16, 17, 64].map { try network($0).plan(batch: 32, steps: 100).layout }
    #expect(layouts == [.lanes, .lanes, .rows, .rows])
    // What the article says of when: 8 samples; inputs and neurons times neurons up to 512.
    #expect(try network(8).plan(batch: 7, steps: 100).layout == .rows)
    #expect(try network(8).plan(batch: 8, steps: 100).layout == .lanes)
    for (inputs, layout) in [(16, Layout.lanes), (17, .rows)] {
      let edge = try Network(inputs: inputs, layers: [.lif(16, recurrence: .rc())])
      #expect(try edge.plan(batch: 32, steps: 100).layout == layout)
    }
  }

  @Test func theSameBits() throws {
    // Article: TheSameBits
    let network = try Network(
      inputs: 40,
      layers: [
        .lif(
          70, recurrence: .rc(),
          connection: Connection(weights: .normal(mean: 0.1, standardDeviation: 0.2))),
        .li(3, tau: 0.02),
      ],
      seed: 1)
    var random = RandomStream(seed: 1, stream: 1 << 40)
    var spikes = try SpikeTrain(batch: 48, steps: 60, units: 40)
    try spikes.fill(probability: 0.1, from: &random)
    let classes = Target.classes((0..<48).map { $0 % 3 })

    func gradients(_ execution: Execution) throws -> [String: [Float]] {
      try network.evaluate(
        .spikes(spikes), target: classes, loss: .maxMembraneCrossEntropy, execution: execution
      ).gradients
    }
    let expected = try gradients(Execution(threads: 1, isa: .baseline, sums: .dense))
    for isa in ISA.supported {
      for threads in 1...3 {
        let same = try gradients(Execution(threads: threads, isa: isa)) == expected
        print(isa, threads, same)  // true, each time
      }
    }
    // End of article code

    // Article: TheSameBits
    let cut = try gradients(Execution(parts: 4))
    print(cut["0.weight"] == expected["0.weight"])  // false: in the last places
    // End of article code
    for isa in ISA.supported {
      for threads in 1...3 {
        #expect(try gradients(Execution(threads: threads, isa: isa)) == expected)
      }
    }
    let (some, others) = try (
      #require(cut["0.weight"]), #require(expected["0.weight"])
    )
    let largest = others.map(\.magnitude).max() ?? 0
    let difference = zip(some, others).map { ($0 - $1).magnitude }.max() ?? 0
    #expect(some != others && largest > 0 && difference < 1e-5 * largest, "\(difference)")
  }

  @Test func partitions() throws {
    // Article: Partitions
    let network = try Network(
      inputs: 700, layers: [.lif(128, recurrence: .rc()), .li(20, tau: 0.02)], seed: 1)
    let plan = try network.plan(batch: 256, steps: 1000, execution: Execution(memory: .segments))
    print("\(plan.parts) parts of \(256 / plan.parts) samples")
    print("tiles of \(plan.tile) samples, windows of \(plan.window) steps")
    print("segments of \(plan.traceSteps) steps")
    // End of article code
    #expect(plan.traceSteps == 256 && plan.parts == 4 && plan.tile == 64)
  }

  /// The header has the words; the article's table says the same.
  @Test func glossaryIsThatOfTheHeader() throws {
    let header = try Repository.text("CSources/CSpindle/core/plan.h")
    let comment = try #require(
      header.components(separatedBy: "one word for each:").last?.components(
        separatedBy: "#include"
      ).first)
    var words: [String] = []
    for line in comment.split(separator: "\n") {
      let text = line.drop { $0 == "/" || $0 == " " }
      if text.hasPrefix("- ") {
        words.append(String(text.dropFirst(2)))
      } else if !words.isEmpty, !text.isEmpty {
        words[words.count - 1] += " " + text
      }
    }
    let article = try Articles.text(of: "Partitions")
    let begin = try #require(article.firstIndex(of: "| word | what it is |")) + 2
    let rows = article[begin...].prefix { $0.hasPrefix("|") }.map {
      $0.dropFirst(2).dropLast(2).split(separator: " ").joined(separator: " ")
        .replacingOccurrences(of: " | ", with: ": ")
    }
    let defined = words.map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows == defined && rows.count > 8)
  }

  @Test func comingFromOtherFrameworks() throws {
    var random = RandomStream(seed: 1, stream: 1 << 40)
    var x = try SpikeTrain(batch: 32, steps: 100, units: 700)
    try x.fill(probability: 0.02, from: &random)
    let classes = (0..<32).map { Int32($0 % 20) }
    // Article: ComingFromOtherFrameworks
    let tau = 9.491e-3  // -dt / ln 0.9
    let network = try Network(
      timeStep: 1e-3, inputs: 700,
      layers: [
        .lif(
          128, tau: .all(tau),
          spiking: Spiking(threshold: 1, surrogate: .fastSigmoid(slope: 10)),
          recurrence: .rc(),
          connection: Connection(weights: .kaimingUniform(gain: 0.577), bias: .constant(0))),
        .li(
          20, tau: .all(tau),
          connection: Connection(weights: .kaimingUniform(gain: 0.577), bias: .constant(0))),
      ],
      seed: 1)
    var trainer = try Trainer(
      network, batch: 32, steps: 100, loss: .maxMembraneCrossEntropy,
      optimizer: .adam(learningRate: 1e-3))
    let metrics = try trainer.step(.spikes(x), target: .classes(classes))
    print(metrics.loss)
    // End of article code
    #expect(abs(metrics.loss - log(20.0)) < 0.5, "\(metrics.loss)")
    #expect(abs(exp(-1e-3 / tau) - 0.9) < 1e-4)

    // Article: ComingFromOtherFrameworks
    let asInSnnTorch = Spiking(
      threshold: 1, resetGradient: .detached, resetTiming: .delayed,
      surrogate: .fastSigmoid(slope: 10))
    // End of article code
    _ = try Network(inputs: 3, layers: [.lif(4, spiking: asInSnnTorch, recurrence: .rc())])
  }
}
