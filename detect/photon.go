package detect

import "netifyd/core/proto"

// Photon Realtime (https://doc.photonengine.com, ports 5055 to 5058 and 27000
// to 27002), a descendant of ENet that many games use; the identifier carries
// the name of the game it was first seen with. A header of peer, flags, count
// of commands, time and challenge; then so many commands, each with its length.
var photonCard = Protocol{ID: proto.TocaBoca, Over: UDP, Ports: []uint16{5055, 5056, 5058, 27000, 27001, 27002}, Inspect: inspectPhoton}

const (
	photonHeader  = 12
	photonCommand = 12
	photonSums    = 0xcc // flag: a checksum follows the header
)

func inspectPhoton(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if isPhotonPing(d) {
		return Match
	}
	if len(d) < photonHeader+photonCommand || d[3] == 0 || d[2] > 1 && d[2] != photonSums {
		return No
	}
	left := d[photonHeader:]
	if d[2] == photonSums {
		left = left[4:]
	}
	for range d[3] {
		if len(left) < photonCommand {
			return No
		}
		n := be32(left[4:])
		// Flags: reliable or not. A reserved byte that is 4 from clients and 0 from servers.
		if left[2] > 3 || left[3] != 0 && left[3] != 4 || n < photonCommand || uint64(n) > uint64(len(left)) || !photonFits(left[0], int(n)) {
			return No
		}
		left = left[n:]
	}
	if len(left) > 0 {
		return No
	}
	return Match
}

// photonFits says that a command of this kind may have this length.
func photonFits(kind byte, n int) bool {
	switch kind {
	case 1, 16: // acknowledgement
		return n == 20
	case 2, 3: // connect, its verification
		return n == 44
	case 4, 5: // disconnect, ping
		return n == 12
	case 6, 14: // reliable
		return n > 12
	case 7, 11: // unreliable, unsequenced
		return n > 16
	case 8, 15: // fragment
		return n > 32
	case 12: // the server's time
		return n == 12
	}
	return false
}

// isPhotonPing knows the probe by which a client picks a region: twelve bytes 0x7d and a number.
func isPhotonPing(d []byte) bool {
	if len(d) != 13 {
		return false
	}
	for _, c := range d[:12] {
		if c != 0x7d {
			return false
		}
	}
	return true
}
