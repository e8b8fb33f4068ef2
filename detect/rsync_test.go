package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRsync(t *testing.T) {
	mustMatch(t, proto.RSYNC, proto.RSYNC, TCP, 873, s("@RSYNCD: 31.0 sha512 md5\n"), c("@RSYNCD: 31.0\n"))
	mustMatch(t, proto.RSYNC, proto.RSYNC, TCP, 873, c("@RSYNCD: 31.0\n"))
	mustNot(t, proto.RSYNC, TCP, 873, s("@RSYNC"), c("GET /"))
}
