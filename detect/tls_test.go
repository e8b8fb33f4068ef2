package detect

import (
	"testing"

	"netifyd/core/proto"
)

// tlsKin is what TLS turns into by ALPN, host or port, without those that other
// cards name too, after STARTTLS.
var tlsKin = []proto.ID{proto.HTTPS, proto.DoT, proto.DoH, proto.NNTPS, proto.SIPS, proto.IRCS}

func TestTLS(t *testing.T) { testProtocol(t, proto.TLS, tlsKin...) }
