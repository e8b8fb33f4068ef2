package detect

import (
	"fmt"
	"strings"
	"testing"

	"netifyd/core/proto"
)

// TestSTUNRealm: the realm of a relay tells whose call it is.
func TestSTUNRealm(t *testing.T) {
	for realm, want := range map[string]proto.ID{
		"signal.org":        proto.SignalCall,
		"telegram.org":      proto.TelegramVoIP,
		"turner.facebook":   proto.FacebookVoIP,
		"turn.l.google.com": proto.GoogleMeetDuo,
		"example.net":       proto.STUN,
	} {
		padded := realm + strings.Repeat("\x00", -len(realm)&3)
		refusal := fmt.Sprintf("\x01\x13\x00%c\x21\x12\xa4\x42ABCDEFGHIJKL\x00\x14\x00%c%s", 4+len(padded), len(realm), padded)
		mustMatch(t, proto.STUN, want, UDP, 3478, s(refusal))
	}
}
