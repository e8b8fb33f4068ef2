package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestISCSI(t *testing.T) {
	const id = proto.ISCSI
	testProtocol(t, id)
	login := "4387000000000020 8033132600000000 2d64dfc1 00000000 6b009e75 00000001" + strings.Repeat("00", 16)
	mustMatch(t, id, id, TCP, 860, cx(login+"496e69746961746f724e616d653d69716e"))
	mustNot(t, id, TCP, 3260, cx(login+"496e69742061746f724e616d653d69716e"))
	mustNot(t, id, TCP, 3260, cx("43b7"+login[4:]+"496e69746961746f724e616d653d69716e"))
	mustNot(t, id, TCP, 3260, cx(login[:len(login)-2]+"01"+"496e69746961746f724e616d653d69716e"))
}
