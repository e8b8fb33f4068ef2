package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCoAP(t *testing.T) {
	testProtocol(t, proto.COAP)
	// RFC 7252, figure 16 with a token: GET /temperature, answered in the acknowledgment.
	get := cx("41017d34 20 bb 74656d7065726174757265")
	content := sx("61457d34 20 ff 32322e332043")
	mustMatch(t, proto.COAP, proto.COAP, UDP, 5683, get)
	mustMatch(t, proto.COAP, proto.COAP, UDP, 5683, content)
	mustMatch(t, proto.COAP, proto.COAP, UDP, 61616, get, content)
	// Of so little another message must show the same number or token.
	mustMatch(t, proto.COAP, proto.COAP, UDP, 5683, cx("41017d34 20"), sx("61447d34 20"))
	mustMatch(t, proto.COAP, proto.COAP, UDP, 5683, cx("41017d34 20"), cx("41017d34 20"))
	mustNot(t, proto.COAP, UDP, 5683, cx("41017d34 20"))
	mustNot(t, proto.COAP, UDP, 5683, cx("41017d34 20"), sx("61447d35 21"))
	mustNot(t, proto.COAP, UDP, 5683, cx("61447d34 20"))
	mustMatch(t, proto.COAP, proto.COAP, UDP, 5683, cx("61447d34 20"), cx("41017d34 20"))
	mustNot(t, proto.COAP, UDP, 61616, get)
	mustNot(t, proto.COAP, UDP, 61616, content)
	mustNot(t, proto.COAP, UDP, 61616, get, sx("61457d35 20 ff 32322e332043"))
	for name, d := range map[string]string{
		"option 2":           "40017d34 2b 74656d7065726174757265",
		"option that is cut": "40017d34 bb 74656d70",
		"marker, no payload": "40457d34 ff",
		"version 2":          "81017d34 20",
		"long token":         "49017d34 000000000000000000",
		"empty with token":   "41007d34 20",
		"empty, needs none":  "50007d34",
		"reset with a code":  "71017d34 20",
		"code 4.10":          "608a7d34",
		"path in an answer":  "60457d34 b161 ff 32",
		"path of noise":      "40017d34 b100",
		"port of three":      "40017d34 73 010203",
	} {
		t.Run(name, func(t *testing.T) { mustNot(t, proto.COAP, UDP, 5683, cx(d)) })
	}
}
