package detect

import (
	"crypto/md5"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

var sshCard = Protocol{ID: proto.SSH, Over: TCP, Ports: []uint16{22}, Limit: 8192, Inspect: inspectSSH}

// inspectSSH reads the identification strings (RFC 4253, section 4.2) and the
// two KEXINIT messages (section 7.1), out of which HASSH fingerprints are made:
// MD5 over "kex;encryption;mac;compression" of the sender's own direction
// (https://github.com/salesforce/hassh).
func inspectSSH(in *Input, res *Result) Verdict {
	fromServer, waits := sshLines(in.ToClient)
	toServer, toClient := sshBanner(in.ToServer), sshBanner(fromServer)
	if waits {
		toClient = NeedMore
	}
	if toServer != Match && toClient != Match {
		return min(toServer, toClient)
	}
	client, wanted := sshSide(in.ToServer, res, attr.SSHClient, attr.SSHClientHASSH, 0)
	server, offered := sshSide(fromServer, res, attr.SSHServer, attr.SSHServerHASSH, 1)
	res.Facts |= sshFacts(wanted, offered)
	res.More = !client || !server || waits
	return Match
}

// sshBanner wants "SSH-", a digit, a dot, a digit and a minus.
func sshBanner(b []byte) Verdict {
	if v := begins(b, "SSH-"); v != Match {
		return v
	}
	for i, ch := range b[4:min(8, len(b))] {
		digit := '0' <= ch && ch <= '9'
		if (i == 0 || i == 2) && !digit || i == 1 && ch != '.' || i == 3 && ch != '-' && !digit {
			return No
		}
	}
	if len(b) < 8 {
		return NeedMore
	}
	return Match
}

// sshSide reads one direction: 0 to the server, 1 to the client. done: there is
// nothing more to read. ciphers are those to the server, as a list with commas.
func sshSide(b []byte, res *Result, banner, hassh attr.Key, direction int) (done bool, ciphers []byte) {
	if sshBanner(b) == No {
		return true, nil // the other side speaks something else to an SSH program
	}
	line, rest, found := cutLine(b)
	if !found {
		return len(b) > 255, nil // the longest line that RFC 4253 allows
	}
	res.Put(banner, line)
	if begins(line, "SSH-1.") == Match && begins(line, "SSH-1.99") != Match {
		return true, nil // another key exchange
	}
	if len(rest) < 6 {
		return false, nil
	}
	const kexinit = 20
	length := be32(rest)
	if rest[5] != kexinit || length > 35000 {
		return true, nil
	}
	if len(rest) < 4+int(length) {
		return false, nil
	}
	c := wire.New(rest[6 : 4+length])
	c.Skip(16) // cookie
	var list [8][]byte
	for i := range list {
		list[i] = c.Bytes(int(c.U32() & 0xffff))
	}
	if !c.Ok() {
		return true, nil
	}
	// Lists: kex, host key, cipher to server, to client, MAC to server, to client, compression to server, to client.
	text := res.Scratch[:0]
	for i, l := range [4][]byte{list[0], list[2+direction], list[4+direction], list[6+direction]} {
		if i > 0 {
			text = append(text, ';')
		}
		if len(text)+len(l) > ScratchBytes {
			return true, nil
		}
		text = append(text, l...)
	}
	sum := md5.Sum(text)
	res.Put(hassh, sum[:])
	return true, list[2]
}

// sshLines passes over the lines that a server may send before its
// identification (RFC 4253, section 4.2). waits: there are only such lines so far.
func sshLines(b []byte) (rest []byte, waits bool) {
	const longest = 4096 // of all of them together
	all := b
	for len(b) > 0 && begins(b, "SSH-") == No {
		line, next, found := cutLine(b)
		if !isText(line) || len(all)-len(next) > longest {
			return all, false
		}
		if !found || len(next) == 0 {
			return all, true
		}
		b = next
	}
	return b, false
}
