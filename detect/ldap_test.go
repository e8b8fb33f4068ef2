package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLDAP(t *testing.T) {
	bind := "300c 020101 6007 020103 0400 8000"
	mustMatch(t, proto.LDAP, proto.LDAP, TCP, 389, cx(bind), sx("300c 020101 6107 0a0100 0400 0400"))
	// Active Directory writes lengths in their longest form.
	mustMatch(t, proto.LDAP, proto.LDAP, TCP, 389, cx("308400000010 020101 6084 00000007 020103 0400 8000"))
	mustMatch(t, proto.LDAP, proto.LDAP, TCP, 389, cx("301d 020101 7718 8016"), c("1.3.6.1.4.1.1466.20037"))
	search := "3025 020102 6320 0400 0a0100 0a0100 020100 020100 010100 870b 6f626a656374636c617373 3000"
	mustMatch(t, proto.LDAP, proto.LDAP, UDP, 389, cx(search))
	mustNot(t, proto.LDAP, UDP, 389, cx(search[:len(search)-7]))
	mustNot(t, proto.LDAP, TCP, 389, cx("300c 020101 6007 020109 0400 8000")) // version 9
	mustNot(t, proto.LDAP, TCP, 389, cx("300c 020101 6207 020103 0400 8000"))
	mustNot(t, proto.LDAP, UDP, 161, cx("302902010104067075626c6963a01c0204565a5dc5020100020100300e300c06082b060102010101000500")) // SNMP
}
