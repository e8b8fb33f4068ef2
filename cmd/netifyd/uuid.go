package main

import "crypto/rand"

// newUUID is four pairs of digits and capitals, "IJ-LG-UP-RV", as netifyd makes them.
func newUUID() string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var b [8]byte
	rand.Read(b[:])
	out := make([]byte, 0, 11)
	for i, c := range b {
		if i > 0 && i%2 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out)
}
