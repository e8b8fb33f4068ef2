package detect

import (
	"netifyd/core/proto"
)

const syslogPort = 514

// Syslog over UDP (RFC 5426) and TCP (RFC 6587): a priority from 0 to 191
// between angle brackets, then version 1 and a date (RFC 5424, section 6) or
// the month, day and time of old (RFC 3164, section 4.1.2). Text of any other form
// is believed at the port only. Over TCP the number of bytes may go before.
var syslogCard = Protocol{ID: proto.SYSLOG, Over: TCP | UDP, Ports: []uint16{syslogPort}, First: "<", Limit: 128, Inspect: inspectSyslog}

func inspectSyslog(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if len(d) < 6 || d[0] != '<' {
			return No
		}
		if v := syslogMessage(d, in.HasPort(syslogPort)); v == Match {
			return Match
		}
		return No
	}
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	i := 0
	for i < len(b) && i < 6 && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	switch {
	case i == len(b):
		return NeedMore
	case i > 0 && b[i] != ' ' || b[0] == '0':
		return No
	case i > 0:
		b = b[i+1:]
	}
	return syslogMessage(b, in.HasPort(syslogPort))
}

// syslogForms are what follows the priority: those of RFC 5424 and RFC 3164,
// and dates as rsyslog and some appliances write them into messages of the old form.
var syslogForms = [...]string{
	"1 dddd-dd-ddTdd:dd:dd", "1 - ", "Mmm _d dd:dd:dd", "dddd-dd-ddTdd:dd:dd", "dddd-dd-dd dd:dd:dd",
}

// syslogMessage judges one message, which may be cut anywhere.
func syslogMessage(b []byte, usualPort bool) Verdict {
	n, v := syslogPriority(b)
	if v != Match {
		return v
	}
	rest := b[n:]
	more := false
	for _, form := range syslogForms {
		switch fits(rest, form) {
		case Match:
			return Match
		case NeedMore:
			more = true
		}
	}
	if more {
		return NeedMore
	}
	if !usualPort {
		return No
	}
	const enough = 16
	for _, c := range rest[:min(len(rest), enough)] {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return No
		}
	}
	if len(rest) < enough {
		return NeedMore
	}
	return Match
}

// syslogPriority reads "<0>" to "<191>" and gives its length.
func syslogPriority(b []byte) (n int, v Verdict) {
	if len(b) == 0 {
		return 0, NeedMore
	}
	if b[0] != '<' {
		return 0, No
	}
	value := 0
	for n = 1; n < len(b); n++ {
		c := b[n]
		switch {
		case c == '>' && n > 1:
			return n + 1, Match
		case c < '0' || c > '9' || n == 4 || n == 2 && b[1] == '0':
			return 0, No
		}
		if value = value*10 + int(c-'0'); value > 191 {
			return 0, No
		}
	}
	return 0, NeedMore
}

// fits compares text with a form: d is a digit, _ a space or a digit, Mmm a
// month; other bytes stand for themselves.
func fits(b []byte, form string) Verdict {
	for i := range len(form) {
		if i == len(b) {
			return NeedMore
		}
		c := b[i]
		switch form[i] {
		case 'd':
			if c < '0' || c > '9' {
				return No
			}
		case '_':
			if c != ' ' && (c < '0' || c > '9') {
				return No
			}
		case 'M', 'm':
			if !monthAt(b[:min(len(b), 3)]) {
				return No
			}
		default:
			if c != form[i] {
				return No
			}
		}
	}
	return Match
}

// monthAt says that b begins an abbreviated month.
func monthAt(b []byte) bool {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(months); i += 3 {
		if months[i:i+len(b)] == string(b) {
			return true
		}
	}
	return false
}
