package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestYojimbo(t *testing.T) {
	const id = proto.Yojimbo
	request := "\x00NETCODE 1.02\x00"
	mustMatch(t, id, id, UDP, 40000, c(request+strings.Repeat("\x5a", 1064)))
	mustNot(t, id, UDP, 40000, c(request+strings.Repeat("\x5a", 1065)))
	mustNot(t, id, UDP, 40000, c("\x00NETCODE 2.02\x00"+strings.Repeat("\x5a", 1064)))
}
