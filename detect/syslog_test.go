package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSyslog(t *testing.T) {
	testProtocol(t, proto.SYSLOG)
	for _, text := range []string{
		"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8", // RFC 3164, section 5.4
		"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
		"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed", // RFC 5424, section 6.5
		"<165>1 - - - - - - hello",
	} {
		mustMatch(t, proto.SYSLOG, proto.SYSLOG, UDP, 5140, c(text))
		mustMatch(t, proto.SYSLOG, proto.SYSLOG, TCP, 5140, c(text+"\n"))
		mustMatch(t, proto.SYSLOG, proto.SYSLOG, TCP, 5140, c("76 "+text))
	}
	odd := "<30>hostapd: wlan0: associated"
	mustMatch(t, proto.SYSLOG, proto.SYSLOG, UDP, 514, c(odd))
	mustNot(t, proto.SYSLOG, UDP, 5140, c(odd))
	for _, text := range []string{"<192>Oct 11 22:14:15 a", "<34 Oct 11", "<034>Oct 11 22:14:15 a", "<html><body>", "<34>\x00\x01\x02\x03\x04\x05\x06\x07\x08"} {
		mustNot(t, proto.SYSLOG, UDP, 514, c(text))
		mustNot(t, proto.SYSLOG, TCP, 514, c(text))
	}
}
