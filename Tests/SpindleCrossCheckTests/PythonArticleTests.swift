import Foundation
import SpindleCrossCheck
import TestSupport
import Testing

/// The Python of the articles, run where there is a Python, and what it says compared with the
/// engine. SPINDLE_PYTHON names an interpreter with torch and snntorch, for the tests that need them.
@Suite(.enabled(if: Programs.pythonHas("json"), "no Python: code of articles not tested"))
struct PythonArticleTests {
  private static let kernel = "CheckingYourOwnKernel"
  private static let frameworks = "ComingFromOtherFrameworks"

  /// Runs a program beside the article's `write_case.py`, and reads the case that it wrote.
  private func run(_ program: String) throws -> CaseFile {
    let writer = try Articles.code(of: Self.kernel, language: "python")[0]
    var written: CaseFile?
    try withTemporaryDirectory { directory in
      for (name, text) in [("write_case.py", writer), ("program.py", program)] {
        try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
      }
      let run = try Programs.run(Programs.python, ["program.py"], in: directory)
      #expect(run.status == 0, "\(run.output)")
      written = try CaseFile(contentsOf: directory + "/kernel.safetensors")
    }
    return try #require(written)
  }

  @Test(arguments: [(kernel, 2), (frameworks, 3)])
  func compiles(article: String, count: Int) throws {
    let blocks = try Articles.code(of: article, language: "python")
    #expect(blocks.count == count)
    for block in blocks {
      let run = try Programs.run(
        Programs.python, ["-c", "import sys; compile(sys.argv[1], 'article', 'exec')", block])
      #expect(run.status == 0, "\(run.output)")
    }
  }

  /// The writer, with nested lists for tensors.
  @Test func writerWritesACase() throws {
    let file = try run(
      """
      from write_case import write_case
      description = {
          "format": "spindle-case-2",
          "network": {"time_step": 0.001, "inputs": 2, "layers": [
              {"kind": "lif", "neurons": 3, "tau": 0.01, "threshold": 1.0, "bias": True},
              {"kind": "li", "neurons": 2, "tau": 0.02}]},
          "loss": {"kind": "max_membrane_cross_entropy"}}
      write_case("kernel.safetensors", description, {
          "input": [[[float((b + t + i) % 3 == 0) for i in range(2)] for t in range(9)]
                    for b in range(4)],
          "0.weight": [[0.9, -0.3, 0.4], [0.2, 1.3, 0.6]], "0.bias": [0.01, 0.02, 0.03],
          "1.weight": [[1.0, -1.0], [0.5, 0.25], [-0.5, 0.75]], "target": [0, 1, 1, 0]})
      """)
    #expect(file.batch == 4 && file.steps == 9)
    let golden = try Golden(of: file)
    #expect(golden.warnings.isEmpty)
    #expect(try CrossCheck(isas: [.automatic]).check(golden.file).agrees)
  }

  @Test(.enabled(if: Programs.pythonHas("torch"), "no PyTorch: its kernel not tested"))
  func kernelInPyTorchAgrees() throws {
    let file = try run(try Articles.code(of: Self.kernel, language: "python")[1])
    let spikes = try #require(file.contents["expected.spikes"]).floats()
    #expect(spikes.contains(0) && spikes.contains(1), "a case that tells nothing")
    let report = try CrossCheck(isas: [.automatic]).check(file)
    #expect(report.agrees, "\(report)")
  }

  /// What the networks of the other frameworks have around them in an article, and how they become a
  /// case: their weights, loss and gradients.
  private static let beginning = """
    import math
    import torch
    from write_case import write_case

    torch.manual_seed(1)
    classes = torch.arange(8) % 20

    def write(input, options, loss, tensors):
        tau = -0.001 / math.log(0.9)
        description = {
            "format": "spindle-case-2",
            "network": {"time_step": 0.001, "inputs": 700, "layers": [
                {"kind": "lif", "neurons": 128, "tau": tau, "threshold": 1.0, "topology": "RC",
                 "bias": True, "surrogate": {"kind": "fast_sigmoid", "slope": 10.0}, **options},
                {"kind": "li", "neurons": 20, "tau": tau, "bias": True}]},
            "loss": {"kind": "max_membrane_cross_entropy"}}
        tensors |= {"input": input, "target": classes, "expected.loss": [loss.item()]}
        write_case("kernel.safetensors", description, tensors)

    """

  private func checkAgreement(_ program: String) throws {
    let report = try CrossCheck(isas: [.automatic]).check(try run(Self.beginning + program))
    #expect(report.agrees, "\(report)")
  }

  @Test(.enabled(if: Programs.pythonHas("torch"), "no PyTorch: its network not tested"))
  func networkInPyTorchIsOurs() throws {
    let block = try Articles.code(of: Self.frameworks, language: "python")[1]
    try checkAgreement(
      block + """
        shapes = [(700, 128), (128,), (128, 128), (128, 20), (20,)]
        weights = [(torch.randn(shape) * 0.08).requires_grad_() for shape in shapes]
        x = (torch.rand(8, 40, 700) < 0.1).float()
        loss = torch.nn.functional.cross_entropy(forward(x, weights), classes)
        loss.backward()
        names = ["0.weight", "0.bias", "0.recurrent_weight", "1.weight", "1.bias"]
        tensors = dict(zip(names, weights))
        tensors |= {f"expected.grad.{name}": tensors[name].grad for name in names}
        write(x, {}, loss, tensors)
        """)
  }

  @Test(.enabled(if: Programs.pythonHas("snntorch"), "no snnTorch: its network not tested"))
  func networkInSnnTorchIsOurs() throws {
    let block = try Articles.code(of: Self.frameworks, language: "python")[0]
    try checkAgreement(
      "x = (torch.rand(40, 8, 700) < 0.3).float()\n" + block + """
        network.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(x), classes)
        loss.backward()
        recurrent = network.hidden.recurrent
        write(
            x.transpose(0, 1), {"reset_gradient": "detached", "reset_timing": "delayed"}, loss, {
                "0.weight": network.input.weight.T, "0.bias": network.input.bias + recurrent.bias,
                "0.recurrent_weight": recurrent.weight.T,
                "1.weight": network.output.weight.T, "1.bias": network.output.bias,
                "expected.grad.0.weight": network.input.weight.grad.T,
                "expected.grad.0.bias": recurrent.bias.grad,
                "expected.grad.0.recurrent_weight": recurrent.weight.grad.T,
                "expected.grad.1.weight": network.output.weight.grad.T,
                "expected.grad.1.bias": network.output.bias.grad})
        """)
  }
}
