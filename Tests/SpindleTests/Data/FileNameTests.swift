import Spindle
import Testing

/// Names of files of numbers, and what may be named in them.
struct FileNameTests {
  @Test func refusals() {
    for name in ["a.npy", "a.safetensors", "a.csv"] {
      expectError("/nowhere/\(name): cannot open the file: No such file or directory") {
        _ = try NumericArray(contentsOf: "/nowhere/" + name)
      }
    }
    for name in ["", "a", "/tmp/x.npy/b", "npy", "a.txt", ".csv/"] {
      expectError("ends in .npy, .safetensors or .csv") {
        _ = try NumericArray(contentsOf: name)
      }
    }
    expectError("a tensor can be named in a .safetensors file alone") {
      _ = try NumericArray(contentsOf: "a.npy", tensor: "x")
    }
    expectError("columns can be named in a .csv file alone") {
      _ = try NumericArray(contentsOf: "a.npy", columns: ["x"])
    }
  }
}
