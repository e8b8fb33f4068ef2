package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestTailscale(t *testing.T) {
	const id = proto.Tailscale
	mustMatch(t, id, id, UDP, 41641, c("TS\U0001f4ac"+strings.Repeat("\x5a", 86)))
	mustNot(t, id, UDP, 41641, c("TS\U0001f4ad"+strings.Repeat("\x5a", 86)))
	mustNot(t, id, UDP, 41641, c("TS\U0001f4ac"))
}
