package detect

// looksRandom says that a field of four bytes or more may be random, as keys,
// identifiers and sealed bytes are: most of its bytes differ, few are zero,
// and where there are enough of them some have the top bit. It says so of less
// than one in 10 000 fields of four bytes that are not, and refuses about as
// few random ones of eight bytes, and less than one in a million of 32.
func looksRandom(b []byte) bool {
	const most = 32
	b = b[:min(len(b), most)]
	var seen [4]uint64
	distinct, zeros, high := 0, 0, 0
	for _, c := range b {
		if bit := uint64(1) << (c & 63); seen[c>>6]&bit == 0 {
			seen[c>>6] |= bit
			distinct++
		}
		if c == 0 {
			zeros++
		}
		high += int(c >> 7)
	}
	return 3*distinct >= 2*len(b) && 4*zeros <= len(b) && high >= len(b)/8-1
}
