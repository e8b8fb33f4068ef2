package detect

import "netifyd/core/proto"

var mgcpCard = Protocol{ID: proto.MGCP, Over: UDP | TCP, Ports: []uint16{2427, 2727}, First: "ACDEMNRacdemnr", Limit: 512, Inspect: inspectMGCP}

var mgcpVerbs = []string{"EPCF ", "CRCX ", "MDCX ", "DLCX ", "RQNT ", "NTFY ", "AUEP ", "AUCX ", "RSIP ", "MESG "}

// inspectMGCP recognises a command line (RFC 3435, section 3.2.1): verb,
// transaction, endpoint, "MGCP 1.0". The endpoint ends in the gateway's domain.
func inspectMGCP(in *Input, res *Result) Verdict {
	b := in.Newest()
	if in.Over == TCP && len(in.ToServer) > 0 {
		b = in.ToServer
	}
	if v := beginsAny(b, mgcpVerbs); v != Match {
		if in.Over == UDP {
			return No
		}
		return v
	}
	line, found := b, false
	for i, ch := range b { // some end their lines with CR alone
		if ch == '\r' || ch == '\n' {
			line, found = b[:i], true
			break
		}
	}
	if len(line) > 300 || !isText(line) {
		return No
	}
	if found && findFold(line, " MGCP ") > 0 {
		host, _ := cutWord(following(line, "@"))
		putAuthority(res, host)
		return Match
	}
	if found || in.Over == UDP {
		return No
	}
	return NeedMore
}
