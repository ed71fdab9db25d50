extension TrainingReport {
  private static let mostClasses = 6

  /// The last spiking layer's activity by class: what differs between the heat maps is what the
  /// neurons know of the class, and when.
  func classesFigure() -> Figure? {
    guard !classes.isEmpty else { return nil }
    let shown = classes.prefix(Self.mostClasses)
    let maps = shown.map { TimeMap($0.rates, steps: steps, neurons: $0.neurons) }
    let largest = maps.map { Numbers.range(of: $0.values, [0]).upperBound }.max() ?? 1
    var figure = Figure(
      name: "classes", heading: "Activity by class",
      caption:
        "How often each neuron of the last spiking layer fired at each step, over the samples"
        + " of a class.\(maps[0].note)",
      width: 960, height: 250 * shown.count + 10)
    for (index, activity) in shown.enumerated() {
      let panel = Panel(
        title: "Class \(index)", left: 64, top: 32 + 250 * index, width: 800, height: 170,
        x: timeAxis(ticks: 10), y: countAxis("Neuron", activity.neurons, ticks: 8))
      let title = GnuplotText.quoted("Class " + activity.name)
      let place = Place(width: figure.width, height: figure.height)
      figure.draw(
        heatMap(maps[index], palette: .sequential, range: 0...max(largest, 1e-6)),
        as: "map_\(index)", in: panel,
        settings: "set label 1 \(title) noenhanced at "
          + "\(place.at(panel.left, panel.top - panel.titleGap)) "
          + "textcolor rgb '\(Panel.ink)'\n")
    }
    return figure
  }
}
