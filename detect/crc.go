package detect

// crcCCITT is the 16-bit checksum with polynomial 0x1021, first bit highest,
// continued from crc (ITU-T V.41).
func crcCCITT(crc uint16, b []byte) uint16 {
	for _, c := range b {
		crc ^= uint16(c) << 8
		for range 8 {
			high := crc & 0x8000
			crc <<= 1
			if high != 0 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}

// crcX25 is the 16-bit frame check sequence of ITU-T X.25, section 2.2.7.4.
func crcX25(b []byte) uint16 { return ^crc16(b, 0xffff, 0x8408) }

// crc16 is a checksum of 16 bits with reflected bits: its start and its polynomial, both reflected.
func crc16(b []byte, crc, polynomial uint16) uint16 {
	for _, c := range b {
		crc ^= uint16(c)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low != 0 {
				crc ^= polynomial
			}
		}
	}
	return crc
}
