package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestSNMP(t *testing.T) {
	testProtocol(t, proto.SNMP)
	get := "3026 020101 0406 7075626c6963 a019 02041dce6a2c 020100 020100 300b 3009 0605 2b06010201 0500"
	wantText(t, mustMatch(t, proto.SNMP, proto.SNMP, UDP, 1610, cx(get)), attr.SNMPVersion, "2c")
	v3 := "303a 020103 300f 02022b17 020300ffe3 040104 020103 0410 300e 0400 020100 020100 0400 0400 0400 3012 0400 0400 a00c 02023744 020100 020100 3000"
	wantText(t, mustMatch(t, proto.SNMP, proto.SNMP, UDP, 161, cx(v3)), attr.SNMPVersion, "3")
	// RFC 3430: the same over TCP, and the next message behind it.
	wantText(t, mustMatch(t, proto.SNMP, proto.SNMP, TCP, 1610, cx(get)), attr.SNMPVersion, "2c")
	wantText(t, mustMatch(t, proto.SNMP, proto.SNMP, TCP, 161, cx(v3+get)), attr.SNMPVersion, "3")
	mustMatch(t, proto.SNMP, proto.SNMP, TCP, 161, sx(strings.Replace(get, "a019", "a219", 1)))
	mustNot(t, proto.SNMP, TCP, 161, cx(strings.Replace(get, "0406", "6006", 1)))
	mustNot(t, proto.SNMP, TCP, 161, cx(strings.Replace(get, "020101", "020104", 1)))
	for name, d := range map[string]string{
		"longer than it says":  get + "00",
		"no such version":      "3026 020102" + get[11:],
		"no such unit":         "3026 020101 0406 7075626c6963 a919 02041dce6a2c 020100 020100 300b 3009 0605 2b06010201 0500",
		"unit that ends early": "3026 020101 0406 7075626c6963 a018 02041dce6a2c 020100 020100 300b 3009 0605 2b06010201 0500",
	} {
		t.Run(name, func(t *testing.T) { mustNot(t, proto.SNMP, UDP, 161, cx(d)) })
	}
}
