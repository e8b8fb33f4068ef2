package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestZ3950(t *testing.T) {
	const id = proto.Z3950
	mustMatch(t, id, id, TCP, 210, cx("b41f 830200e0 840300e9a2 850404000000 860404000000 9f6e023831"))
	mustMatch(t, id, id, TCP, 7090, cx("b41f 820131 830200e0 840300e9a2 850404000000"))
	mustMatch(t, id, id, TCP, 210, sx("b541 830200e0 840300e9a2 850404000000 8c0101"))
	mustNot(t, id, TCP, 210, cx("b41f 830200e0 850404000000 860404000000"))
	mustNot(t, id, TCP, 210, cx("b51f 830200e0 840300e9a2 850404000000"))
	mustNot(t, id, TCP, 210, cx("b41f 8309000000000000000000 840300e9a2 850404000000"))
}
