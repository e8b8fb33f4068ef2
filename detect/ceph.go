package detect

import "netifyd/core/proto"

// Ceph's messengers (docs.ceph.com, "msgr1 protocol" and "msgr2 protocol"):
// both ends begin with a banner, "ceph v027" or "ceph v2" and LF.
var cephCard = Protocol{ID: proto.Ceph, Over: TCP, Ports: []uint16{6789, 3300}, Limit: 16, Inspect: inspectCeph}

func inspectCeph(in *Input, _ *Result) Verdict { return eitherWay(in, cephBanner) }

func cephBanner(b []byte) Verdict {
	return max(begins(b, "ceph v2\n"), begins(b, "ceph v0"))
}
