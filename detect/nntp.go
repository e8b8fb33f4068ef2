package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var nntpCard = Protocol{ID: proto.NNTP, Over: TCP, Ports: []uint16{119}, Limit: 8192, Inspect: inspectNNTP}

var nntpVerbs = []string{"MODE READER", "MODE STREAM", "CAPABILITIES", "GROUP ", "AUTHINFO ", "ARTICLE", "XOVER", "OVER ", "LISTGROUP", "IHAVE ", "CHECK ",
	"TAKETHIS ", "NEWGROUPS ", "NEWNEWS ", "LIST\r", "LIST\n", "LIST A", "LIST C", "LIST D", "LIST E", "LIST H", "LIST M", "LIST N", "LIST O", "LIST S", "HEAD ", "BODY ", "STAT ", "DATE\r", "POST\r", "STARTTLS", "HELP\r", "XHDR "}

// nntpOwn are commands of no other protocol.
var nntpOwn = []string{"MODE READER\r", "MODE STREAM\r", "AUTHINFO USER ", "AUTHINFO SASL ", "LISTGROUP "}

// inspectNNTP recognises the greeting (RFC 3977, section 5.1), 200 or 201,
// and a command of the client or a word for news in the greeting; or a
// greeting that turns the client away, and a command of news alone. STARTTLS (RFC 4642) makes it NNTP/S.
func inspectNNTP(in *Input, res *Result) Verdict {
	code, server := replyCode(in.ToClient)
	client := beginsAny(in.ToServer, nntpVerbs)
	if in.ClientFirst() || server == No || client == No || server == Match && code != 200 && code != 201 && code != 400 && code != 502 && code != 503 {
		return No
	}
	if server != Match {
		return NeedMore
	}
	if client == Match && !nntpAsks(in.ToServer) {
		return No
	}
	line, next, found := cutLine(in.ToClient)
	if !isText(line) {
		return No
	}
	if found && code < 400 { // after the greeting the server answers what it is asked
		if _, v := replyCode(next); len(next) > 0 && v == No {
			return No
		}
	}
	news := found && (findFold(line, "NNTP") >= 0 || findFold(line, "INTERNETNEWS") >= 0 || findFold(line, "NEWS SERVER") >= 0 || findFold(line, "NNRP") >= 0)
	if code >= 400 {
		client, news = beginsAny(in.ToServer, nntpOwn), false
		if client == No {
			return No
		}
	}
	if !found || client != Match && !news {
		return NeedMore
	}
	if len(line) > 4 {
		res.Put(attr.Banner, line[4:])
	}
	if t := findTLS(in, "STARTTLS", false); t.accepted {
		t.read(res, proto.NNTPS)
	} else {
		res.More = !hasLine(in.ToServer, false, []string{"AUTHINFO ", "GROUP ", "ARTICLE", "QUIT", "POST", "IHAVE"}) && len(in.ToServer) < 512
	}
	return Match
}

// nntpAsks says that an article is asked for by its number or in angle brackets, and not a page of the web.
func nntpAsks(b []byte) bool {
	word := 0
	for word < len(b) && upper(b[word]) >= 'A' && upper(b[word]) <= 'Z' {
		word++
	}
	if word < len(b) && b[word] > ' ' {
		return false
	}
	for _, verb := range [...]string{"HEAD ", "BODY ", "STAT "} {
		if len(b) > len(verb) && beginsFold(b, verb) == Match {
			c := b[len(verb)]
			return c == '<' || '0' <= c && c <= '9'
		}
	}
	// Another command on a line of its own, not the second word of a text.
	line, rest, _ := cutLine(b)
	return len(line) > 4 || len(rest) < 4 || beginsAny(rest, nntpVerbs) != No
}
