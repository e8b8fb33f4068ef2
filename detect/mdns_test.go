package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestMDNS(t *testing.T) {
	testProtocol(t, proto.MDNS)
}

func TestMDNSNames(t *testing.T) {
	// _http._tcp.local PTR, answered with "Printer._http._tcp.local".
	ask := cx("0000 0000 0001 0000 0000 0000 05 5f68747470 04 5f746370 05 6c6f63616c 00 000c 8001")
	res := mustMatch(t, proto.MDNS, proto.MDNS, UDP, 5353, ask)
	wantText(t, res, attr.HostName, "_http._tcp.local")
	tell := cx("0000 8400 0000 0001 0000 0000 05 5f68747470 04 5f746370 05 6c6f63616c 00 000c 0001 00001194 000a 07 5072696e746572 c00c")
	res = mustMatch(t, proto.MDNS, proto.MDNS, UDP, 5353, tell)
	wantText(t, res, attr.MDNSAnswer, "Printer._http._tcp.local")
	mustNot(t, proto.MDNS, UDP, 53, ask)
	mustNot(t, proto.MDNS, UDP, 5353, cx("0000 2800 0001 0000 0000 0000 05 5f68747470 00 000c 0001"))
}

// What a device says of itself counts for names that it may call its own, and
// as long as it does not say goodbye.
func TestMDNSOwnNames(t *testing.T) {
	address := func(name, ttl string) said {
		return cx("0000 8400 0000 0001 0000 0000" + name + "0001 8001" + ttl + "0004 c0a80132")
	}
	const printer, elsewhere = "07 7072696e746572 05 6c6f63616c 00", "03 777777 07 6578616d706c65 03 6f7267 00"
	res := mustMatch(t, proto.MDNS, proto.MDNS, UDP, 5353, address(printer, "00000078"))
	wantText(t, res, attr.HostName, "printer.local")
	if res.NAnswers != 1 {
		t.Errorf("%d addresses", res.NAnswers)
	}
	if res = mustMatch(t, proto.MDNS, proto.MDNS, UDP, 5353, address(printer, "00000000")); res.NAnswers != 0 {
		t.Error("an address of who says goodbye")
	}
	if res = mustMatch(t, proto.MDNS, proto.MDNS, UDP, 5353, address(elsewhere, "00000078")); res.NAnswers != 0 || res.Has(attr.HostName) {
		t.Errorf("%d addresses of %q", res.NAnswers, res.Get(attr.HostName))
	}
}
