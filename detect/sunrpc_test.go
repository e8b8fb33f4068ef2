package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSunRPC(t *testing.T) {
	call := func(program string) string {
		return "12345678 00000000 00000002" + program + "00000003 00000001 00000000 00000000 00000000 00000000"
	}
	mustMatch(t, proto.NFS, proto.NFS, UDP, 2049, cx(call("000186a3")))
	mustMatch(t, proto.NFS, proto.NFS, TCP, 2049, cx("80000028"+call("000186a3")))
	mustMatch(t, proto.RPC, proto.RPC, UDP, 111, cx(call("000186a0")))
	// GETPORT of the port mapper for mount (version 3, UDP) and for something else
	getPort := "12345678 00000000 00000002 000186a0 00000002 00000003 00000000 00000000 00000000 00000000"
	mustMatch(t, proto.NFS, proto.NFS, UDP, 111, cx(getPort+"000186a5 00000003 00000011 00000000"))
	mustMatch(t, proto.NFS, proto.NFS, TCP, 111, cx("80000038"+getPort+"000186a5 00000003 00000006 00000000"))
	mustMatch(t, proto.RPC, proto.RPC, UDP, 111, cx(getPort+"000186a3 00000000 00000011 00000000"))
	mustMatch(t, proto.RPC, proto.RPC, UDP, 111, cx(getPort+"000186a4 00000002 00000011 00000000"))
	reply := "12345678 00000001 00000000 00000000 00000000 00000000 00000000"
	mustMatch(t, proto.NFS, proto.NFS, UDP, 2049, sx(reply), cx(call("000186a3"))) // joined in the middle
	mustMatch(t, proto.NFS, proto.NFS, TCP, 2049, sx("8000001c"+reply), cx("80000028"+call("000186a3")))
	mustNot(t, proto.NFS, UDP, 2049, sx(reply), sx(reply))
	mustNot(t, proto.RPC, UDP, 2049, cx(call("000186a3")))
	mustNot(t, proto.NFS, UDP, 111, cx(call("000186a0")))
	mustNot(t, proto.NFS, UDP, 2049, cx("12345678 00000001 00000002 000186a3 00000003 00000001 0000000000000000"))
	mustNot(t, proto.NFS, TCP, 2049, cx("00000028"+call("000186a3")))
	// GlusterFS' handshake (14398633) and Kerberos' administration (2112, AUTH_GSSAPI of old), behind a record mark only.
	mustMatch(t, proto.RPC, proto.RPC, TCP, 24007, cx("80000028"+call("00dbb4a9")))
	kadmin := "12345678 00000000 00000002 00000840 00000002 00000000 000493e1 00000008 0000000000000000 00000000 00000000"
	mustMatch(t, proto.RPC, proto.RPC, TCP, 749, cx("80000030"+kadmin))
	mustNot(t, proto.RPC, UDP, 24007, cx(call("00dbb4a9")))
	mustNot(t, proto.RPC, UDP, 749, cx(kadmin))
	mustNot(t, proto.RPC, TCP, 749, cx("80000028"+call("00000002")))
}
