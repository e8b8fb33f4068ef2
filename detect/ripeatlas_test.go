package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRIPEAtlas(t *testing.T) {
	const id = proto.RipeAtlas
	mustMatch(t, id, id, UDP, 33434, c("http://atlas.ripe.net Atlas says Hi!"))
	mustMatch(t, id, id, UDP, 33434, c("\x00\x01\x02\x03\x00\x01http://atlas.ripe.net Atlas says Hi!"))
	mustNot(t, id, UDP, 33434, c("http://atlas.example.net"))
}
