extension Template {
  static let regression = Template(
    name: "regression",
    summary: "A feed-forward network's output follows its input, rectified and filtered.",
    files: [
      (
        "regression.json",
        """
        {
          "network": {
            "time_step": 0.001,
            "layers": [
              {
                "kind": "lif", "neurons": 64, "tau": 0.01,
                "surrogate": {"kind": "fast_sigmoid", "slope": 10},
                "weights": {"kind": "normal", "standard_deviation": 0.2},
                "bias": {"kind": "normal", "standard_deviation": 0.2}
              },
              {
                "kind": "li", "neurons": 1, "tau": 0.01,
                "weights": {"kind": "kaiming_normal", "gain": 0.1}, "bias": 0
              }
            ]
          },
          "data": {
            "generator": {
              "kind": "rectified_noise", "steps": 200, "samples": 640, "input_tau": 0.02,
              "target_tau": 0.01
            },
            "split": {"train": 0.7, "validation": 0.15, "test": 0.15}
          },
          "loss": "membrane_mse",
          "optimizer": {"kind": "adam", "learning_rate": 0.005},
          "schedule": "cosine",
          "training": {"epochs": 20, "batch": 32, "seed": 1, "keep_best": true},
          "baseline": {"kind": "linear_least_squares", "lags": 40},
          "checkpoint": {"path": "regression.safetensors", "every": 10},
          "report": {"folder": "report"}
        }

        """
      ),
      (
        "README.md",
        """
        # Regression by a feed-forward spiking network

        The input is noise of one time constant; the output, the membrane of a leaky integrator, is
        to follow it, but its positive part alone, and filtered:

            y = filter(max(0, x))

            spindle train regression.json

        A linear function of the last 40 steps of the same input, fitted by least squares to the
        same training samples, cannot rectify. Its error on the test samples is told beside the
        network's, which is smaller.

        """
      ),
    ])
}
