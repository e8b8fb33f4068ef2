package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestArtNet(t *testing.T) {
	const id = proto.ArtNet
	mustMatch(t, id, id, UDP, 6454, c("Art-Net\x00\x00\x20\x00\x0e\x02\x00"))
	mustNot(t, id, UDP, 6454, c("Art-Net 4 is here"))
}
