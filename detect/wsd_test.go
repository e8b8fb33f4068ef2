package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestWSD(t *testing.T) {
	testProtocol(t, proto.WSD)
	probe := `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery"><soap:Body><wsd:Probe/></soap:Body></soap:Envelope>`
	mustMatch(t, proto.WSD, proto.WSD, UDP, 40001, c(probe))
	mustNot(t, proto.WSD, UDP, 3702, c(probe[:100]))
	mustNot(t, proto.WSD, UDP, 3702, c("<xml>"+probe[150:]))
}
