package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNBD(t *testing.T) {
	const id = proto.NBD
	testProtocol(t, id)
	mustNot(t, id, TCP, 10809, s("NBDMAGIK"))
	mustNot(t, id, TCP, 10809, c("NBDMAGIC"))
}
