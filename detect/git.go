package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// The Git protocol over TCP (git's Documentation/gitprotocol-pack): the client
// begins with one line, its length in four hexadecimal digits before it, of command, path and host.
var gitCard = Protocol{ID: proto.Git, Over: TCP, Ports: []uint16{9418}, Limit: 1024, Inspect: inspectGit}

func inspectGit(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	length := 0
	for i, c := range b[:min(len(b), 4)] {
		digit := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if c < 0x20 || c >= 0x80 || c >= 'a'-0x20 && c < 'A' || digit < 0 || i == 0 && c != '0' {
			return No
		}
		length = length<<4 | digit
	}
	if len(b) <= 4 {
		return NeedMore
	}
	v := beginsOneOf(b[4:], []string{"git-upload-pack /", "git-receive-pack /", "git-upload-archive /", "git-upload-pack ~", "git-receive-pack ~"})
	if v != Match {
		return v
	}
	line := b[:min(len(b), length)]
	if at := bytes.Index(line, []byte("\x00host=")); at >= 0 {
		if host, _, whole := bytes.Cut(line[at+len("\x00host="):], []byte{0}); whole {
			putAuthority(res, host)
		}
	}
	res.More = len(b) < length
	return Match
}
