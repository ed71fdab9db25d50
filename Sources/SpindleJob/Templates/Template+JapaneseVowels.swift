extension Template {
  static let japaneseVowels = Template(
    name: "japanese-vowels",
    summary: "A recurrent network tells nine speakers apart by one vowel, of different length.",
    files: [
      (
        "japanese-vowels.json",
        """
        {
          "network": {
            "time_step": 0.001,
            "layers": [
              {
                "kind": "lif", "neurons": 100, "topology": "RC", "tau": 0.005,
                "surrogate": {"kind": "fast_sigmoid", "slope": 5},
                "weights": {"kind": "kaiming_normal", "gain": 1},
                "bias": {"kind": "normal", "standard_deviation": 0.2},
                "recurrent_weights": {"kind": "kaiming_normal", "gain": 0.2},
                "dropout": 0
              },
              {
                "kind": "li", "neurons": 9, "tau": 0.005,
                "weights": {"kind": "kaiming_normal", "gain": 0.5}, "bias": 0
              }
            ]
          },
          "data": {
            "origin": "Japanese Vowels: Kudo, Toyama, Shimbo (1999), UCI Machine Learning Repository, doi 10.24432/C5NS47, CC BY 4.0",
            "input": "input", "target": "labels", "lengths": "lengths",
            "transforms": [{"kind": "standardize"}]
          },
          "loss": "mean_membrane_cross_entropy",
          "optimizer": {"kind": "adam", "learning_rate": 0.005},
          "schedule": "cosine",
          "training": {"epochs": 60, "batch": 30, "seed": 1},
          "checkpoint": {"path": "japanese-vowels.safetensors"},
          "report": {"folder": "report"}
        }

        """
      )
    ])
}
