package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var ftpCard = Protocol{ID: proto.FTPC, Over: TCP, Ports: []uint16{21}, Limit: 8192, Feed: true, Inspect: inspectFTP}

// Commands of RFC 959, 2228, 2389, 2428 and 7151 that open a session or that one meets in the middle of it.
var ftpVerbs = []string{"USER ", "AUTH TLS", "AUTH SSL", "AUTH GSSAPI", "FEAT\r", "FEAT\n", "OPTS ", "HOST ", "CLNT ", "SYST\r", "SYST\n", "PASS ",
	"ADAT ", "PBSZ ", "PROT ", "PASV\r", "EPSV", "PORT ", "EPRT ", "TYPE A\r", "TYPE A ", "TYPE E", "TYPE I\r", "TYPE I\n", "TYPE L ", "CWD ", "PWD\r", "LIST", "RETR ", "STOR ", "SIZE ", "MDTM ", "REST ", "NLST"}

// inspectFTP recognises the control connection of FTP (RFC 959): a greeting
// that says FTP, or a reply code and a command. AUTH TLS (RFC 4217) makes it
// FTP/S. Replies to PASV and EPSV and the commands PORT and EPRT announce data
// connections, for which every later packet is read too: in a flow that is
// known to be FTP, since any text may have such a line.
func inspectFTP(in *Input, res *Result) Verdict {
	if v := ftpShape(in); v != Match && !in.Known {
		return v
	}
	ftpExpect(in.ToServer, false, res)
	ftpExpect(in.ToClient, true, res)
	if line, _, found := cutLine(in.ToClient); found && len(line) > 4 && begins(line, "220") == Match {
		res.Put(attr.FTPBanner, line[4:])
	}
	t := findTLS(in, "AUTH ", false)
	if t.accepted {
		t.read(res, proto.FTPS)
		insideTLS(t.client, t.server, res)
		return Match
	}
	if hasLine(in.ToServer, false, ftpLogins) && !hasLine(in.ToServer, false, ftpAnonymous) {
		res.Facts |= attr.Credentials
	}
	res.More = !hasLine(in.ToServer, false, []string{"PASS ", "QUIT"})
	return Match
}

func ftpShape(in *Input) Verdict {
	if len(in.ToClient) == 0 && ftpAlone(in.ToServer) {
		return Match
	}
	code, server := replyCode(in.ToClient)
	client := beginsAny(in.ToServer, ftpVerbs)
	if server == No || client == No && server != Match {
		return No
	}
	if server != Match {
		return NeedMore
	}
	if client == Match && len(in.ToServer) > 0 {
		if code != 220 {
			if v := ftpExchange(in.ToServer, in.ToClient); v != Match {
				return v
			}
		}
		if !isFTPReply(in.ToClient, code) || code != 220 && !areFTPCommands(in.ToServer) {
			return No
		}
		if code == 220 && greetingSays(in.ToClient, "SMTP") {
			return No
		}
		return Match
	}
	if code != 220 && code != 421 {
		if client == No {
			return No
		}
		return NeedMore
	}
	switch {
	case greetingSays(in.ToClient, "SMTP"):
		return No
	case greetingSays(in.ToClient, "FTP"):
		return Match
	case client == No:
		return No
	}
	return NeedMore
}

// ftpOwn are commands that no protocol but FTP has behind USER and PASS.
var ftpOwn = []string{"PWD \r", "PASV \r", "EPSV \r#", "PORT ,", "EPRT |", "TYPE AEIL", "SYST \r", "FEAT \r", "PBSZ #", "PROT CEPS", "CWD *", "STOR *", "MDTM *"}

// ftpAlone knows a client whose server is not seen by its name, its password and
// what only FTP has.
func ftpAlone(b []byte) bool {
	return beginsAny(b, ftpVerbs) == Match && hasLine(b, false, []string{"USER "}) && hasLine(b, false, []string{"PASS "}) && commands(b, ftpOwn)
}

// ftpExchange wants a command and a reply as whole lines of text: a word that
// ends or that a space follows (RFC 959, section 5.3), a code with words behind
// it (section 4.2).
func ftpExchange(command, reply []byte) Verdict {
	said, _, whole := cutLine(command)
	answer, _, answered := cutLine(reply)
	if !isText(said) || !isText(answer) {
		return No
	}
	word := 0
	for word < len(said) && upper(said[word]) >= 'A' && upper(said[word]) <= 'Z' {
		word++
	}
	if word < len(said) && said[word] != ' ' || answered && len(answer) < len("200 x") {
		return No
	}
	if !whole || !answered {
		return NeedMore
	}
	return Match
}

// isFTPReply says that a code is one of RFC 959, 2228, 2389 or 2428, and that
// what follows its last line is another reply.
func isFTPReply(b []byte, code int) bool {
	switch {
	case code == 120 || code == 125 || code == 150 || code == 110, code >= 200 && code <= 268, code >= 331 && code <= 350, code >= 421 && code <= 452, code >= 500 && code <= 554:
	default:
		return false
	}
	line, next, found := cutLine(b)
	if !found || len(line) > 3 && line[3] == '-' || len(next) == 0 {
		return true
	}
	_, v := replyCode(next)
	return v != No
}

// ftpOthers are commands that do not open a session.
var ftpOthers = []string{"QUIT", "NOOP", "DELE ", "MKD ", "RMD ", "RNFR ", "RNTO ", "CDUP", "ABOR", "HELP", "STAT", "ALLO ", "ACCT ", "MODE ", "STRU ", "SITE ",
	"CCC", "MLSD", "MLST", "APPE ", "XPWD", "XCWD ", "REIN", "SYST", "FEAT", "PASV", "PWD", "LANG", "MFMT ", "AUTH ", "LPRT ", "LPSV", "\xff"}

// areFTPCommands says that the second line of a client is a command, too.
func areFTPCommands(b []byte) bool {
	_, next, _ := cutLine(b)
	return len(next) == 0 || beginsAny(next, ftpVerbs) != No || beginsAny(next, ftpOthers) != No
}
