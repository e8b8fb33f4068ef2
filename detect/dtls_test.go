package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDTLS(t *testing.T) { testProtocol(t, proto.DTLS) }
