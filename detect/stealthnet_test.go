package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestStealthnet(t *testing.T) {
	const id, name = proto.Stealthnet, "LARS REGENSBURGER'S FILE SHARING PROTOCOL 0."
	mustMatch(t, id, id, TCP, 6097, c(name+"2\x01\x80\x00\xa7\x31"), s(name+"2\x01\x80\x00"))
	mustMatch(t, id, id, TCP, 6097, s(name+"2\x00\x83\x00"))
	mustNot(t, id, TCP, 6097, c(name+"2\x03"))
	mustNot(t, id, TCP, 6097, c("LARS REGENSBURGER'S FILE SHARING PROTOCOL 1.2\x01"))
}
