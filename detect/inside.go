package detect

import "netifyd/core/proto"

// insideCards are what is looked for in a tunnel of bytes: what people send
// through proxies, and further proxies. Their order does not matter, since no two fit.
var insideCards [10]struct {
	id      proto.ID
	inspect func(*Input, *Result) Verdict
}

// The cards refer to functions that look inside, so the table is filled in here.
func init() {
	insideCards[0].id, insideCards[0].inspect = proto.TLS, insideAsTLS
	for i, card := range [...]*Protocol{&httpCard, &http2Card, &sshCard, &smtpCard, &imapCard, &pop3Card, &socksCard, &httpConnectCard, &httpProxyCard} {
		insideCards[i+1].id, insideCards[i+1].inspect = card.ID, card.Inspect
	}
}

// inside reads what a tunnel carries: c and s are the bytes of each direction
// behind what the proxy said. It adds the attributes of that and sets More as
// long as they are not complete. It gives what the tunnel carries; Unknown: not
// known, or not yet. The protocol of res and Partial stay as the card has them.
func inside(in *Input, c, s []byte, res *Result) (carried proto.ID) {
	const deepest = 4 // proxies, one behind the other
	if in.deep >= deepest {
		return proto.Unknown
	}
	if len(c)+len(s) == 0 {
		res.More = true
		return proto.Unknown
	}
	outerC, outerS, id, partial, more := in.ToServer, in.ToClient, res.Protocol, res.Partial, res.More
	in.ToServer, in.ToClient = c, s
	in.deep++
	waits := false
	for i := range insideCards {
		res.Protocol, res.More, res.Partial = insideCards[i].id, false, false
		v := insideCards[i].inspect(in, res)
		if v == Match {
			carried, more, waits = res.Protocol, res.More, false
			break
		}
		waits = waits || v == NeedMore
	}
	in.ToServer, in.ToClient = outerC, outerS
	in.deep--
	res.Protocol, res.Partial, res.More = id, partial, more || waits
	return carried
}

// isProxy says that what a tunnel carries goes on to somewhere else.
func isProxy(id proto.ID) bool {
	return id == proto.SOCKS || id == proto.HTTPConnect || id == proto.HTTPProxy
}

// insideAsTLS reads TLS in a tunnel and says what it is used for.
func insideAsTLS(in *Input, res *Result) Verdict {
	v := inspectTLS(in.ToServer, in.ToClient, res)
	if v == Match {
		res.Protocol = tlsName(in.ServerPort, res)
		refineResolver(res)
	}
	return v
}
