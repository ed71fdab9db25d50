import Spindle

// Three inputs, twenty recurrent neurons, two leaky integrators that name the class.
let network = try Network(
  timeStep: 1e-3,
  layers: [
    .synapse(Synapse(inputs: 3, outputs: 20, weights: .normal(mean: 0.4, standardDeviation: 0.2))),
    .lif(LIF(neurons: 20, topology: .rc(weights: .glorotUniform()), tau: 0.01, threshold: 1)),
    .synapse(Synapse(inputs: 20, outputs: 2)),
    .li(LI(neurons: 2, tau: 0.02)),
  ],
  seed: 1)

// 64 samples of 50 steps; those of class 1 spike three times as often.
let classes = (0..<64).map { Int32($0 % 2) }
var random = RandomStream(seed: 1, stream: 99)
let noise = try random.uniform(low: 0, high: 1, count: 64 * 50 * 3)
let spikes = noise.indices.map { index -> Float in
  noise[index] < (classes[index / 150] == 1 ? 0.6 : 0.2) ? 1 : 0
}
let input = Input.spikes(try SpikeTrain(spikes, batch: 64, steps: 50, units: 3))

var trainer = try Trainer(
  network, batch: 64, steps: 50, loss: .meanMembraneCrossEntropy,
  optimizer: Adam(learningRate: 0.01))
for epoch in 1...100 {
  let metrics = try trainer.step(input, target: .classes(classes))
  if epoch % 20 == 0 { print("epoch \(epoch): loss \(metrics.loss)") }
}

// The trained network is a value; it holds no state of a run.
let output = try trainer.network.run(input)
print("membrane of the first sample's last step:", output.membrane[0, 49, 0])
