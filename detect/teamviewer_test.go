package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestTeamViewer(t *testing.T) {
	const id = proto.TeamViewer
	body := strings.Repeat("00", 32)
	mustMatch(t, id, id, TCP, 5938, cx("1724 0a 2000"+body))
	mustMatch(t, id, id, TCP, 80, cx("1724 0a 2000"+body), sx("1724 11 0400"))
	mustMatch(t, id, id, TCP, 80, cx("1724 0a 2000"+body), cx("1724 28 1800"))
	mustNot(t, id, TCP, 80, cx("1724 0a 2000"+body))
	mustNot(t, id, TCP, 80, cx("1724 0a 2000"+body), cx("1725 28 1800"))
	mustNot(t, id, TCP, 5938, cx("1724 01 2000"+body))
	datagram := "0000000000000000000001 1724 0a20"
	mustMatch(t, id, id, UDP, 5938, cx(datagram), cx(datagram))
	mustNot(t, id, UDP, 5938, cx(datagram))
	mustNot(t, id, UDP, 5939, cx(datagram), cx(datagram))
}
