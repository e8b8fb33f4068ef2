package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestTFTP(t *testing.T) {
	testProtocol(t, proto.TFTP)
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, 6969, c("\x00\x01boot/pxelinux.0\x00octet\x00blksize\x001432\x00"))
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, 69, c("\x00\x02\x00NetASCII\x00"))
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, 40001, s("\x00\x06tsize\x001234\x00"))
	mustNot(t, proto.TFTP, UDP, 69, c("\x00\x01name\x00binary\x00"))
	mustNot(t, proto.TFTP, UDP, 6969, c("\x00\x01\x00octet\x00"))
}

// TestTFTPTransfer: a block and its acknowledgment, in ports that say nothing.
func TestTFTPTransfer(t *testing.T) {
	block := c("\x00\x03\x00\x01" + strings.Repeat("x", 512))
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, 40001, block, s("\x00\x04\x00\x01"))
	mustMatch(t, proto.TFTP, proto.TFTP, UDP, 40001, s("\x00\x04\x00\x00"), block, s("\x00\x04\x00\x01"))
	mustNot(t, proto.TFTP, UDP, 40001, block)
	mustNot(t, proto.TFTP, UDP, 40001, block, s("\x00\x04\x00\x02"))
	mustNot(t, proto.TFTP, UDP, 40001, block, s("\x00\x04\x00\x01more"))
	mustNot(t, proto.TFTP, UDP, 40001, block, c("\x00\x04\x00\x01"))
}
