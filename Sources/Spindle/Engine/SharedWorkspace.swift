/// A workspace that one owner may name by several variables.
final class SharedWorkspace {
  var workspace: Workspace

  init(
    _ network: Network, batch: Int, steps: Int, loss: Loss, execution: Execution,
    link: RankLink?
  ) throws(SpindleError) {
    workspace = try Workspace(
      network, batch: batch, steps: steps, loss: loss, execution: execution, link: link)
  }
}
