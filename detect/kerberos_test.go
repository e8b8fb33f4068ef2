package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// An AS-REQ for alice@EXAMPLE.COM, cut to what is read.
const asRequest = "6a4d 304b a103020105 a20302010a a43f 303d a00703050040000010 a1123010a003020101a10930071b05616c696365" +
	"a20d1b0b4558414d504c452e434f4d a30f300da003020102a10630041b0278 78"

func TestKerberos(t *testing.T) {
	res := mustMatch(t, proto.Kerberos, proto.Kerberos, UDP, 88, cx(asRequest))
	wantText(t, res, attr.KerberosRealm, "EXAMPLE.COM")
	res = mustMatch(t, proto.Kerberos, proto.Kerberos, TCP, 88, cx("0000004f"+asRequest))
	wantText(t, res, attr.KerberosRealm, "EXAMPLE.COM")
	mustNot(t, proto.Kerberos, UDP, 88, cx("6a4d 304b a103020105 a20302010b a43f 303d"))
	mustNot(t, proto.Kerberos, UDP, 88, cx("6a4d 304b a103020104 a20302010a a43f 303d"))
	mustNot(t, proto.Kerberos, TCP, 88, cx("00000003 6a0130"))
	// RFC 3244
	mustMatch(t, proto.Kerberos, proto.Kerberos, UDP, 464, cx("0028 ff80 0012 6e10 300e a003020105 a10302010e 00000000 7582000a30030201"))
}
