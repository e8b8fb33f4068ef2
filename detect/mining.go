package detect

import "netifyd/core/proto"

// Mining pools speak JSON, a line a message, and the client logs in first:
// Stratum (https://en.bitcoin.it/wiki/Stratum_mining_protocol), its kin for
// Ethereum (EIP-1571, EthereumStratum) and for CryptoNote coins.
var miningCard = Protocol{ID: proto.Mining, Over: TCP, Ports: []uint16{3333, 4444, 5555, 9999, 14444}, Limit: 1024, Inspect: inspectMining}

var miningMethods = []string{
	"MINING.SUBSCRIBE\"", "MINING.AUTHORIZE\"", "MINING.CONFIGURE\"", "MINING.EXTRANONCE.SUBSCRIBE\"", "MINING.HELLO\"", "MINING.NOTIFY\"", "MINING.SET_DIFFICULTY\"",
	"ETH_SUBMITLOGIN\"", "ETH_LOGIN\"", "ETH_GETWORK\"", "ETH_SUBMITWORK\"", "ETH_SUBMITHASHRATE\"",
}

func inspectMining(in *Input, _ *Result) Verdict { return eitherWay(in, miningLine) }

func miningLine(b []byte) Verdict {
	if len(b) > 0 && b[0] != '{' {
		return No
	}
	line, _, found := cutLine(b)
	if found && (len(line) == 0 || line[len(line)-1] != '}') {
		return No
	}
	switch miningMethod(line) {
	case Match:
		return Match
	case No:
		return No
	}
	if found && following(line, `"result"`) == nil {
		return No
	}
	return NeedMore // an answer: the question tells
}

// miningMethod judges the method of a message; NeedMore where it has none so far.
func miningMethod(line []byte) Verdict {
	m := following(line, `"method"`)
	if m == nil {
		return NeedMore
	}
	for len(m) > 0 && (m[0] == ' ' || m[0] == ':') {
		m = m[1:]
	}
	if len(m) == 0 {
		return NeedMore
	}
	if m[0] != '"' {
		return No
	}
	m = m[1:]
	if v := beginsAny(m, miningMethods); v != No {
		return v
	}
	// CryptoNote's method is a common word: its wallet and password must follow.
	switch v := beginsFold(m, "LOGIN\""); {
	case v != Match:
		return v
	case following(line, `"login":`) == nil || following(line, `"pass":`) == nil:
		return NeedMore
	}
	return Match
}
