package detect

import "netifyd/core/proto"

// UFTP, multicast file transfer, versions 4 and 5 (Dennis Bush, "UFTP protocol
// specification"): a header of 16 bytes with version and function, then the
// function's own header, which repeats it and gives its length in words. At a
// port of others the group must look as groups do: a random identifier, and an
// instance that counts how often the transfer was begun again.
var uftpCard = Protocol{ID: proto.UFTP, Over: UDP, Ports: []uint16{uftpPort}, First: "\x40\x50", Inspect: inspectUFTP}

const uftpPort = 1044

func inspectUFTP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, version4, version5, mostRestarts = 16, 0x40, 0x50, 16
	if len(d) < header+4 || d[0] != version4 && d[0] != version5 {
		return No
	}
	function := d[1]
	if int(function) >= len(uftpWords) || uftpWords[function] == 0 || d[header] != function || d[15] != 0 {
		return No
	}
	if words := d[header+1]; words < uftpWords[function] || header+4*int(words) > len(d) {
		return No
	}
	if isZero(d[4:8]) { // the sender's identifier
		return No
	}
	if !in.HasPort(uftpPort) && (!looksRandom(d[8:12]) || d[12] >= mostRestarts) {
		return No
	}
	return Match
}

// uftpWords are the least words of each function's header: announce, register,
// client key, confirmation, key information and its acknowledgement, file
// information and its acknowledgement, segment, done, status, complete, done
// confirmation, heartbeat and answer, key request, proxy key, encrypted,
// abort, congestion control and its acknowledgement.
var uftpWords = [...]uint8{0, 5, 2, 2, 1, 2, 1, 4, 2, 2, 1, 2, 2, 1, 1, 1, 1, 2, 1, 2, 2, 2}
