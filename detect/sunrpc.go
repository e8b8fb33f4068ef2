package detect

import "netifyd/core/proto"

var sunrpcCard = Protocol{ID: proto.NFS, Over: TCP | UDP, Ports: []uint16{2049}, Limit: 512, Inspect: inspectNFS}

var sunrpcTCPUDPCard = Protocol{ID: proto.RPC, Over: TCP | UDP, Limit: 512, Inspect: inspectSunRPC}

// inspectNFS recognises calls of ONC RPC (RFC 5531) to NFS and the programs around it.
func inspectNFS(in *Input, _ *Result) Verdict { return sunRPCOf(in, true) }

// inspectSunRPC recognises calls to any other program.
func inspectSunRPC(in *Input, _ *Result) Verdict { return sunRPCOf(in, false) }

func sunRPCOf(in *Input, nfs bool) Verdict {
	b := in.Newest()
	if in.Over == TCP {
		b = in.ToServer
		if len(b) == 0 {
			b = in.ToClient // a callback, or the wrong way round
		}
		// Record marking (RFC 5531, section 11): the last fragment, of a sane length.
		if len(b) > 0 && b[0] != 0x80 {
			return No
		}
		if len(b) < 4 {
			return NeedMore
		}
		const call, reply = 40, 24 // their least lengths
		least := uint32(call)
		if len(in.ToServer) == 0 {
			least = reply
		}
		if n := be32(b) &^ 0x80000000; n < least && n != 0 {
			return No
		}
		b = b[4:]
		if len(in.ToServer) == 0 && sunRPCReply(b) != No {
			return NeedMore // joined in the middle: the next call tells
		}
	}
	program, v := sunRPCCall(b, in.Over == TCP)
	if v != Match {
		if in.Over == UDP {
			if sunRPCReply(b) == Match && in.HasPort(2049) == nfs {
				return Odd // an answer tells no program; the next call does
			}
			return No
		}
		return v
	}
	program, whole := sunRPCAsked(b, program)
	if !whole && in.Over == TCP {
		return NeedMore
	}
	if sunRPCIsNFS(program) != nfs {
		return No
	}
	return Match
}

// sunRPCReply judges an accepted reply (RFC 5531, section 9): transaction,
// reply (1), accepted (0), a verifier, how it went.
func sunRPCReply(b []byte) Verdict {
	for i, want := range [8]byte{0, 0, 0, 1, 0, 0, 0, 0} {
		if 4+i < len(b) && b[4+i] != want {
			return No
		}
	}
	switch {
	case len(b) < 24:
		return NeedMore
	case be32(b[12:]) > 6 || be32(b[16:]) > 400 || be32(b[16:]) == 0 && be32(b[20:]) > 5:
		return No
	}
	return Match
}

// sunRPCAsked is the program that a client of the port mapper asks for (RFC
// 1833, sections 2 and 3: procedure 3 finds it, 1 and 2 enter and remove it),
// else program itself. Not whole: the question is cut short.
func sunRPCAsked(b []byte, program uint32) (asked uint32, whole bool) {
	const portMapper, find, header = 100000, 3, 24
	if program != portMapper || be32(b[16:]) < 2 || be32(b[16:]) > 4 || be32(b[20:]) == 0 || be32(b[20:]) > find {
		return program, true
	}
	at := header
	for range 2 { // credential, verifier
		if len(b) < at+8 {
			return program, false
		}
		at += 8 + (int(be32(b[at+4:])&0x3ff)+3)&^3
	}
	if len(b) < at+8 {
		return program, false
	}
	if be32(b[at+4:]) == 0 { // any version: somebody looks around (rpcinfo), and will not use it
		return program, true
	}
	return be32(b[at:]), true
}

// sunRPCIsNFS says that the program is NFS (100003), mount (100005), the lock
// manager (100021), the status monitor (100024) or NFS's access lists (100227).
func sunRPCIsNFS(program uint32) bool {
	switch program {
	case 100003, 100005, 100021, 100024, 100227:
		return true
	}
	return false
}

// sunRPCCall reads a call (RFC 5531, section 9): transaction, call (0),
// version 2, program, version, procedure, credential and verifier. Behind the
// record mark of a stream it may be a program that gave itself its number:
// GlusterFS' are from 1238433 on, that of Kerberos' administration is 2112.
func sunRPCCall(b []byte, marked bool) (program uint32, v Verdict) {
	const maxAuth, maxFlavor = 400, 6
	for i, want := range [8]byte{0, 0, 0, 0, 0, 0, 0, 2} {
		if 4+i < len(b) && b[4+i] != want {
			return 0, No
		}
	}
	if len(b) < 32 {
		return 0, NeedMore
	}
	program = be32(b[12:])
	// Numbers are given from 100000 on; from 0x20000000 on they are anybody's (RFC 5531, section 13.1).
	own := program < 100000 || program > 1000000 && program < 0x20000000
	if isZero(b[:4]) || own && !(marked && program > 1000) || (own || program > 400000) && be32(b[16:]) == 0 {
		return 0, No
	}
	if program > 0x60000000 || be32(b[16:]) > 64 || be32(b[20:]) > 1024 {
		return 0, No
	}
	// Flavors: the first few, AUTH_GSSAPI of old (300000 and 300001), those of
	// GSS mechanisms and of programs (RFC 5531, section 14).
	if flavor := be32(b[24:]); flavor > maxFlavor && flavor>>1 != 300000>>1 && flavor < 390000 || flavor > 400000 || be32(b[28:]) > maxAuth {
		return 0, No
	}
	return program, Match
}
