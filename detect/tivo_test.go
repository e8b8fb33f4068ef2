package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTiVo(t *testing.T) {
	const id = proto.TiVoConnect
	mustMatch(t, id, id, UDP, 2190, c("TiVoConnect=1\nswversion=1.0\n"))
	mustMatch(t, id, id, TCP, 2190, c("TiVoConnect=1\n"))
	mustNot(t, id, UDP, 2190, c("TiVoConnec"))
	mustNot(t, id, TCP, 2190, c("TiVoDesktop=1\n"))
}
