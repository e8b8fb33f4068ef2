package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestX11(t *testing.T) {
	const id = proto.X11
	cookie := "6c00 0b00 0000 1200 1000 0000 4d49542d4d414749432d434f4f4b49452d31 0000 000102030405060708090a0b0c0d0e0f"
	mustMatch(t, id, id, TCP, 40001, cx(cookie))
	mustMatch(t, id, id, TCP, 6010, cx("4200 000b 0000 0000 0000 0000"))
	mustMatch(t, id, id, TCP, 40001, cx("6c00 0b00 0000 0000 0000 0000"), sx("0100 0b00 0000 4b01"))
	mustMatch(t, id, id, TCP, 6000, cx("6c00 0b00 0000 0000 0000 0000"), sx("0016 0b00 0000 0600"))
	mustNot(t, id, TCP, 6000, cx("6c00 0c00 0000 0000 0000 0000"))
	mustNot(t, id, TCP, 6000, cx("6c00 000b 0000 0000 0000 0000"))
	mustNot(t, id, TCP, 40001, cx("6c00 0b00 0000 0000 0000 0000"), sx("0300 0b00 0000"))
	mustNot(t, id, TCP, 6000, cx("6c00 0b00 0000 0300 0100 0000 414243"))
}
