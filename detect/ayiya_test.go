package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestAyiya(t *testing.T) {
	const id = proto.Ayiya
	// draft-massar-v6ops-ayiya-02, section 4: an IPv6 address as identity, SHA-1, a shared secret.
	head := func(operation, next string) string {
		return "41 52 1" + operation + next + "4a6b7c8d 20010db8000000010000000000000002" + strings.Repeat("a7", 20)
	}
	ipv6 := "6000000000083a40 20010db8000000010000000000000002 20010db8000000010000000000000001 8000123400010001"
	ipv4 := "4500001c0001000040016b5e c0000201 c0000202 0800f7fe00010000"
	mustMatch(t, id, id, UDP, 5072, cx(head("1", "29")+ipv6))
	mustMatch(t, id, id, UDP, 5072, sx(head("1", "29")+ipv6))
	mustMatch(t, id, id, UDP, 5072, cx(head("3", "04")+ipv4))
	mustMatch(t, id, id, UDP, 5072, cx(head("0", "3b")))
	mustMatch(t, id, id, UDP, 5072, cx("22 41 10 3b 4a6b7c8d 75736572"+strings.Repeat("a7", 16)))

	mustNot(t, id, UDP, 5072, cx(head("0", "3b")+"00"))
	mustNot(t, id, UDP, 5072, cx(head("1", "29")+ipv6+"00"))
	mustNot(t, id, UDP, 5072, cx(head("1", "04")+ipv6))
	mustNot(t, id, UDP, 5072, cx(head("1", "29")+ipv6[:19]))
	mustNot(t, id, UDP, 5072, cx(head("2", "29")+ipv6))
	mustNot(t, id, UDP, 5072, cx("40"+head("1", "29")[2:]+ipv6))
	mustNot(t, id, UDP, 5072, cx("41 53"+head("1", "29")[5:]+ipv6))
	mustNot(t, id, UDP, 5072, cx("41 52 31"+head("1", "29")[8:]+ipv6))
	for n := range 44 {
		mustNot(t, id, UDP, 5072, said{false, unhex(head("0", "3b"))[:n]})
	}
}
