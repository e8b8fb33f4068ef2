package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

const tftpPort = 69

// Opcodes (RFC 1350, section 5; RFC 2347).
const (
	tftpRead  = 1
	tftpWrite = 2
	tftpData  = 3
	tftpAck   = 4
	tftpError = 5
	tftpOAck  = 6
)

// TFTP (RFC 1350). A request names a file and a mode. The transfer itself is
// a flow of its own between ports that were not known before (section 4): there a
// block of data and the acknowledgment of the same block are the evidence.
var tftpCard = Protocol{ID: proto.TFTP, Over: UDP, Ports: []uint16{tftpPort}, First: "\x00", Limit: 3072, Inspect: inspectTFTP}

func inspectTFTP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 4 || d[0] != 0 {
		return No
	}
	switch d[1] {
	case tftpRead, tftpWrite:
		if isTFTPRequest(d[2:], in.HasPort(tftpPort)) {
			return Match
		}
		return No
	case tftpError: // a number up to 8, and text that ends in a zero
		const sure, least = 4 + 6, 4 + 1
		if len(d) < least || d[2] != 0 || d[3] > 8 || d[len(d)-1] != 0 || !isLines(d[4:len(d)-1]) || len(d) < sure && !in.HasPort(tftpPort) {
			return No
		}
		return Match
	case tftpOAck:
		if isTFTPOptions(d[2:]) {
			return Match
		}
		return No
	case tftpData, tftpAck:
		return tftpTransfer(in)
	}
	return No
}

// isTFTPRequest reads a file's name, the mode, and options in pairs (RFC 2347).
func isTFTPRequest(b []byte, usualPort bool) bool {
	name := bytes.IndexByte(b, 0)
	if usualPort {
		for name = max(name, 0); name < len(b) && b[name] == 0; name++ { // padded or empty names
		}
		name--
	}
	if name < 0 || name == 0 && !usualPort {
		return false
	}
	for _, c := range b[:name] {
		if c < ' ' && c != 0 {
			return false
		}
	}
	b = b[name+1:]
	mode := bytes.IndexByte(b, 0)
	if mode < 0 {
		return false
	}
	return httpmsg.Is(b[:mode], "octet") || httpmsg.Is(b[:mode], "netascii") || httpmsg.Is(b[:mode], "mail")
}

// isTFTPOptions reads the first accepted option: a name in use and its value in digits (RFC 2347 to 2349, 7440).
func isTFTPOptions(b []byte) bool {
	for _, name := range [...]string{"blksize\x00", "tsize\x00", "timeout\x00", "windowsize\x00", "multicast\x00", "rollover\x00"} {
		if httpmsg.HasPrefix(b, name) {
			return len(b) > len(name)+1 && b[len(name)] >= '0' && b[len(name)] <= '9' && b[len(b)-1] == 0
		}
	}
	return false
}

// tftpTransfer looks among the datagrams at hand for a block and its acknowledgment the other way.
func tftpTransfer(in *Input) Verdict {
	var data, ack [2]struct {
		seen  bool
		block uint16
	}
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if len(d) < 4 || d[0] != 0 {
			return No
		}
		dir := 0
		if fromServer {
			dir = 1
		}
		block := uint16(d[2])<<8 | uint16(d[3])
		switch d[1] {
		case tftpData:
			data[dir].seen, data[dir].block = true, block
		case tftpAck:
			if len(d) != 4 {
				return No
			}
			ack[dir].seen, ack[dir].block = true, block
		default:
			return No
		}
		for dir := range data {
			if data[dir].seen && ack[1-dir].seen && data[dir].block == ack[1-dir].block {
				return Match
			}
		}
	}
	return NeedMore
}
