package detect

import (
	"strings"

	"netifyd/core/attr"
	"netifyd/detect/internal/httpmsg"
)

// oddField judges the name of a request's field: it is a token (RFC 9110,
// section 5.6.2), and "Proxy" makes programs behind CGI send their requests
// elsewhere (CVE-2016-5385).
func oddField(name []byte) attr.Facts {
	if httpmsg.Is(name, "proxy") {
		return attr.OddField
	}
	for _, c := range name {
		if !isToken[c] {
			return attr.OddField
		}
	}
	return 0
}

// isToken are the characters of a token (RFC 9110, section 5.6.2), and those
// beyond ASCII, which some servers let pass.
var isToken = func() (t [256]bool) {
	for c := range t {
		t[c] = c > ' ' && c != 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, rune(c))
	}
	return t
}()

// judge is what heads and the beginning of their content show.
func (h *httpHead) judge() attr.Facts {
	facts := h.facts
	if h.hosts > 1 {
		facts |= attr.TwoHosts
	}
	if h.sized && h.chunked {
		facts |= attr.Smuggling // RFC 9112, section 11.2
	}
	if h.answeredAll && isProgram(h.answerBehind) {
		facts |= attr.Executable
		if httpmsg.HasPrefix(h.answerType, "text/") || httpmsg.HasPrefix(h.answerType, "image/") {
			facts |= attr.Disguised
		}
	}
	if h.askedAll && isProgram(h.behind) {
		facts |= attr.Executable
	}
	return facts
}

// owesProgram says that an answer whose type may be a program has sent its head
// alone so far.
func (h *httpHead) owesProgram(answered []byte) bool {
	if h.status != 200 || !h.answeredAll || len(answered) >= httpLimit || len(h.answerBehind) > 0 {
		return false
	}
	for _, t := range [...]string{"application/octet-stream", "application/x-msdownload", "application/x-msdos-program", "application/x-dosexec",
		"application/x-executable", "application/vnd.microsoft.portable-executable", "application/exe", "binary/octet-stream"} {
		if httpmsg.HasPrefix(h.answerType, t) {
			return true
		}
	}
	return false
}

// isProgram knows the first bytes of programs: PE of Windows, whose header says
// where the next one is, ELF, Mach-O, and Dalvik's.
func isProgram(b []byte) bool {
	switch {
	case begins(b, "MZ") == Match:
		const next, farthest = 60, 1024
		if len(b) < next+4 {
			return false
		}
		at := le32(b[next:])
		return at >= next+4 && at < farthest && (int(at)+4 > len(b) || begins(b[at:], "PE\x00\x00") == Match)
	case begins(b, "\x7fELF") == Match:
		return len(b) > 6 && (b[4] == 1 || b[4] == 2) && (b[5] == 1 || b[5] == 2) && b[6] == 1
	case begins(b, "\xcf\xfa\xed\xfe") == Match, begins(b, "\xce\xfa\xed\xfe") == Match, begins(b, "dex\n03") == Match:
		return true
	}
	return false
}
