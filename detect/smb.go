package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

var smbCard = Protocol{ID: proto.SMBv1, Over: TCP, Ports: []uint16{445, 139}, Limit: 4096, Inspect: inspectSMB}

var smb2Card = Protocol{ID: proto.SMBv23, Over: TCP, Limit: 4096, Inspect: inspectSMB2}

// smbVersion is what a direction begins with.
type smbVersion uint8

const (
	smbNone  smbVersion = iota // no SMB
	smbShort                   // too few bytes
	smb1                       // FF 'SMB'
	smb2                       // FE 'SMB', FD (encrypted), FC (compressed)
)

// smbMessage skips the session service's own messages (RFC 1002, section
// 4.3) and reads the header of the first message that carries data.
func smbMessage(b []byte) (v smbVersion, message []byte) {
	const request, positive, keepalive = 0x81, 0x82, 0x85
	for range 4 {
		if len(b) == 0 {
			return smbShort, nil
		}
		if b[0] != request && b[0] != positive && b[0] != keepalive {
			break
		}
		if len(b) < 4 {
			return smbShort, nil
		}
		n := be16(b[2:])
		if b[1] != 0 || b[0] == request && n != 68 || b[0] != request && n != 0 {
			return smbNone, nil
		}
		if len(b) < 4+n {
			return smbShort, nil
		}
		b = b[4+n:]
	}
	if len(b) > 0 && b[0] != 0 || len(b) > 4 && b[4] < 0xfc {
		return smbNone, nil
	}
	if len(b) > 5 {
		switch begins(b[5:], "SMB") {
		case No:
			return smbNone, nil
		case Match:
			if len(b) < 12 {
				return smbShort, nil
			}
			return smbHeader(b)
		}
	}
	return smbShort, nil
}

func smbHeader(b []byte) (smbVersion, []byte) {
	length := int(b[1])<<16 | be16(b[2:])
	message := b[4:min(len(b), 4+length)]
	switch b[4] {
	case 0xff: // [MS-CIFS] 2.2.3.1
		if length < 32 {
			return smbNone, nil
		}
		return smb1, message
	case 0xfe: // [MS-SMB2] 2.2.1: StructureSize 64
		if length < 64 || le16(b[8:]) != 64 {
			return smbNone, nil
		}
		return smb2, message
	}
	if length < 16 { // [MS-SMB2] 2.2.41, 2.2.42
		return smbNone, nil
	}
	return smb2, message
}

// smbBoth reads both directions.
func smbBoth(in *Input) (client, server smbVersion, request, answer []byte) {
	client, request = smbMessage(in.ToServer)
	server, answer = smbMessage(in.ToClient)
	return client, server, request, answer
}

// inspectSMB recognises version 1. A client that offers version 2 begins in
// version 1 as well ([MS-SMB2] 3.2.4.2.2.1): the answer's version is the flow's.
func inspectSMB(in *Input, res *Result) Verdict {
	client, server, request, answer := smbBoth(in)
	switch {
	case client == smbNone || client == smb2 || server == smbNone && client != smb1:
		return No
	case client == smb1 && server == smb2, client == smb1 && server == smbShort && smbTurns(in.ToServer):
		res.Protocol = proto.SMBv23
		res.More = !smbDialect2(answer, res)
		return Match
	case client == smb1 || server == smb1:
		res.More = smb1Fields(in, request, answer, res)
		return Match
	case server == smb2:
		return No
	}
	return NeedMore
}

// inspectSMB2 recognises versions 2 and 3.
func inspectSMB2(in *Input, res *Result) Verdict {
	client, server, _, answer := smbBoth(in)
	switch {
	case client == smbNone || client == smb1 || server == smbNone && client != smb2 || server == smb1:
		return No
	case client == smb2 || server == smb2 && len(in.ToServer) == 0:
		res.More = !smbDialect2(answer, res)
		return Match
	}
	return NeedMore
}

// smbDialect2 puts the dialect of a NEGOTIATE response ([MS-SMB2] 2.2.4).
// done: it was one, or something else.
func smbDialect2(m []byte, res *Result) (done bool) {
	const header, response = 64, 65
	if len(m) < header+6 {
		return len(m) > 12 && m[0] != 0xfe
	}
	if m[0] != 0xfe || le16(m[12:]) != 0 || le16(m[header:]) != response {
		return true
	}
	switch le16(m[header+4:]) {
	case 0x0202:
		res.PutString(attr.SMBDialect, "2.0.2")
	case 0x0210:
		res.PutString(attr.SMBDialect, "2.1")
	case 0x0300:
		res.PutString(attr.SMBDialect, "3.0")
	case 0x0302:
		res.PutString(attr.SMBDialect, "3.0.2")
	case 0x0311:
		res.PutString(attr.SMBDialect, "3.1.1")
	case 0x02ff:
		res.PutString(attr.SMBDialect, "2.???")
	}
	return true
}

// smbTurns says that a client goes on in version 2, as it does where the answer,
// which may not have been seen, chose that.
func smbTurns(b []byte) bool {
	_, rest := smbSkip(b)
	v, _ := smbMessage(rest)
	return v == smb2
}

// smb1Fields puts the dialect that was chosen out of the client's list and the
// server's operating system. more: the session has not been set up yet.
func smb1Fields(in *Input, request, answer []byte, res *Result) (more bool) {
	const negotiate, header = 0x72, 32
	if len(request) > 4 && request[4] != negotiate {
		return false
	}
	if len(request) < header+3 || len(answer) < header+3 {
		return true
	}
	if answer[4] != negotiate || answer[header] == 0 {
		return false
	}
	c := wire.New(request[header+1:])
	c.Skip(2)
	chosen := le16(answer[header+1:])
	for i := 0; c.Len() > 0; i++ {
		if c.U8() != 2 {
			break
		}
		name := cutZero(c.Rest())
		c.Skip(len(name) + 1)
		if i == chosen && c.Ok() {
			res.Put(attr.SMBDialect, name)
			break
		}
	}
	_, rest := smbSkip(in.ToClient)
	return smb1Native(rest, res)
}

// smbSkip drops everything up to the end of the first SMB message.
func smbSkip(b []byte) (ok bool, rest []byte) {
	for len(b) >= 4 {
		n := 4 + int(b[1])<<16 + be16(b[2:])
		data := b[0] == 0
		if len(b) < n {
			return false, nil
		}
		b = b[n:]
		if data {
			return true, b
		}
	}
	return false, nil
}

// smb1Native puts the server's operating system out of a SESSION_SETUP_ANDX
// response ([MS-CIFS] 2.2.4.53.2, [MS-SMB] 2.2.4.6.2). more: it is not there yet.
func smb1Native(b []byte, res *Result) (more bool) {
	const sessionSetup, header, unicode = 0x73, 32, 0x8000
	if len(b) < 4 {
		return true
	}
	n := 4 + int(b[1])<<16 + be16(b[2:])
	if len(b) < n {
		return n < 4096
	}
	m := b[4:n]
	if len(m) < header+1 || m[0] != 0xff || m[4] != sessionSetup {
		return false
	}
	words := int(m[header])
	at := header + 1 + 2*words + 2
	if words == 4 && len(m) >= header+9 {
		at += le16(m[header+7:]) // the security blob
	}
	if at >= len(m) || words != 3 && words != 4 {
		return false
	}
	if le16(m[10:])&unicode == 0 {
		if text := cutZero(m[at:]); len(text) > 0 {
			res.Put(attr.SMBNative, text)
		}
		return false
	}
	at += at & 1
	text := res.Scratch[:0]
	for ; at+1 < len(m) && (m[at]|m[at+1]) != 0 && len(text) < 128; at += 2 {
		ch := m[at]
		if m[at+1] != 0 {
			ch = '?'
		}
		text = append(text, ch)
	}
	if len(text) > 0 {
		res.Put(attr.SMBNative, text)
	}
	return false
}
