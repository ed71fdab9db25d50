import Safetensors
import SpindleDescription

// Stands in for NetworkDescription+JSON.swift of branch `keys` until it is merged: then deleted.

extension NetworkDescription {
  var json: JSONValue { .object(["stub": .string("\(self)")]) }

  init(_ value: DescriptionValue) throws(DescriptionError) {
    throw value.refused(expected: "a network, which this stub cannot read")
  }

  func differences(from other: NetworkDescription) -> [String] {
    self == other ? [] : ["\(self) here, \(other) in the file"]
  }
}
