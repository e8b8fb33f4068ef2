package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestWoW(t *testing.T) {
	const id = proto.WoW
	// The example of wowdev.wiki, with build 5875 and the name PLAYER.
	login := "00 03 2400 576f5700 010c01 f316 36387800 6e695700 42476e65 3c000000 7f000001 06 504c41594552"
	mustMatch(t, id, id, TCP, 3724, cx(login))
	mustNot(t, id, TCP, 3724, cx(strings.Replace(login, "2400", "2500", 1)))
	mustNot(t, id, TCP, 3724, cx(strings.Replace(login, "576f57", "576f58", 1)))
	mustMatch(t, id, id, TCP, 3724, s("WORLD OF WARCRAFT CONNECTION - SERVER TO CLIENT - V2\n"))
	mustMatch(t, id, id, TCP, 8085, s("0\x00WORLD OF WARCRAFT CONNECTION - SERVER TO CLIENT\x00"))
	mustNot(t, id, TCP, 8085, s("0\x00WORLD OF WONDERS CONNECTION - SERVER TO CLIENT\x00"))
}
