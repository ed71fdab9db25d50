import Testing

@testable import Spindle

@Suite("Checksum") struct ChecksumTests {
  /// The check value that catalogues of CRCs give for CRC-64/XZ.
  @Test("The catalogue's check value") func checkValue() {
    var checksum = Checksum()
    checksum.add(Array("123456789".utf8))
    #expect(checksum.value == 0x995D_C9BB_DF19_39FA)
  }

  @Test("Pieces give what the whole gives, and the empty sum is 0") func pieces() {
    var (pieces, whole) = (Checksum(), Checksum())
    #expect(whole.value == 0)
    for byte in UInt8(0)...255 { pieces.add([byte]) }
    whole.add(Array(0...255))
    #expect(pieces.value == whole.value && whole.value != 0)
  }
}
