package detect

import (
	"testing"

	"netifyd/core/proto"
)

// tplinkHide is what the other side does, written the other way round.
func tplinkHide(text string) string {
	out := make([]byte, len(text))
	for i := range text {
		key := byte(171)
		if i > 0 {
			key = out[i-1]
		}
		out[i] = text[i] ^ key
	}
	return string(out)
}

func TestTPLink(t *testing.T) {
	const id = proto.TPLINKSHP
	const question = `{"system":{"get_sysinfo":{}}}`
	mustMatch(t, id, id, UDP, 9999, c(tplinkHide(question)))
	mustMatch(t, id, id, TCP, 9999, c("\x00\x00\x00\x1d"+tplinkHide(question)))
	mustMatch(t, id, id, TCP, 9998, c("\x00\x00\x00\x1d"+tplinkHide(question)), s("\x00\x00\x00\x1d"+tplinkHide(question)))
	mustNot(t, id, UDP, 9999, c(question))
	mustNot(t, id, UDP, 9999, c(tplinkHide(question)+"x"))
	mustNot(t, id, UDP, 9999, c(tplinkHide("{\"system\":\x01\"get_sysinfo\":{}}}")))
	mustNot(t, id, TCP, 9999, c("\x00\x00\x00\x1d"+question))
	mustNot(t, id, TCP, 9999, c("\x00\x01\x00\x1d"+tplinkHide(question)))
}
