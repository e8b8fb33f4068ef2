package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// dhcpDiscover is a DISCOVER with host name, class and parameter list, made by hand (RFC 2131, section 2).
var dhcpDiscover = "01010600 3903f326" + strings.Repeat("00", 20) + "00163e010203" + strings.Repeat("00", 202) + "63825363" +
	"350101 0c09 4c6170746f702d3037 3c08 4d53465420352e30 3704 01030607 00 ff"

func TestDHCP(t *testing.T) {
	testProtocol(t, proto.DHCP)
	res := mustMatch(t, proto.DHCP, proto.DHCP, UDP, 1067, cx(dhcpDiscover))
	wantText(t, res, attr.HostName, "laptop-07")
	wantText(t, res, attr.DHCPClass, "MSFT 5.0")
	wantText(t, res, attr.DHCPFingerprint, "1,3,6,7")
	mustNot(t, proto.DHCP, UDP, 67, cx("03"+dhcpDiscover[2:]))
	noCookie := strings.Replace(dhcpDiscover, "63825363", "00000000", 1)
	mustNot(t, proto.DHCP, UDP, 1067, cx(noCookie))
}

// dhcpMessage is a request with fields file and sname, and options.
func dhcpMessage(sname, file, options string) said {
	pad := func(s string, n int) string { return s + strings.Repeat("\x00", n-len(s)) }
	return c("\x01\x01\x06\x00" + pad("", 40) + pad(sname, 64) + pad(file, 128) + "\x63\x82\x53\x63" + options)
}

// TestDHCPOverload: options go on in file and sname, and in parts (RFC 2131, section 4.1; RFC 3396).
func TestDHCPOverload(t *testing.T) {
	res := mustMatch(t, proto.DHCP, proto.DHCP, UDP, 67, dhcpMessage("\x0c\x05ter-7\xff", "\x3c\x08MSFT 5.0\x37\x02\x06\x0f\xff", "\x35\x01\x01\x34\x01\x03\x37\x02\x01\x03\x0c\x04prin\xff"))
	wantText(t, res, attr.HostName, "printer-7")
	wantText(t, res, attr.DHCPClass, "MSFT 5.0")
	wantText(t, res, attr.DHCPFingerprint, "1,3,6,15")
	res = mustMatch(t, proto.DHCP, proto.DHCP, UDP, 67, dhcpMessage("\x0c\x05ter-7\xff", "boot/file", "\x35\x01\x01\x0c\x04prin\xff"))
	wantText(t, res, attr.HostName, "prin")
}

// TestDHCPFullName: RFC 4702, section 2.
func TestDHCPFullName(t *testing.T) {
	for options, want := range map[string]string{
		"\x51\x16\x00\x00\x00host9.corp.example.":              "host9.corp.example",
		"\x51\x17\x04\x00\x00\x05host9\x04corp\x07example\x00": "host9.corp.example",
		"\x51\x09\x05\x00\x00\x05host9":                        "host9",
		"\x51\x09\x05\x00\x00\x07host9":                        "",
		"\x51\x03\x00\x00\x00":                                 "",
		"\x0c\x02h1\x51\x06\x00\x00\x00h2.":                    "h1",
	} {
		res := mustMatch(t, proto.DHCP, proto.DHCP, UDP, 67, dhcpMessage("", "", "\x35\x01\x01\x37\x01\x01"+options+"\xff"))
		wantText(t, res, attr.HostName, want)
	}
}
