#!/bin/sh
# Functional test of the package, as the feed's CI runs it: test.sh PACKAGE VERSION,
# in a root file system of the target without network and without procd.

case "$1" in
netifyd-go | netifyd-go-tiny) ;;
*) exit 0 ;;
esac

fail() {
	echo "test.sh: $1"
	exit 1
}

netifyd --version | grep -F "$2" >/dev/null || fail "the version is not $2"
netifyd --uci check-config || fail "the installed configuration has errors"
netifyd --dump-protos | grep " TLS$" >/dev/null || fail "no protocol TLS"
netifyd lookup www.example.com || fail "no lookup"

printf 'config flows\n\toption max 77777777\n' >/tmp/wrong
if netifyd --uci=/tmp/wrong check-config 2>/tmp/said; then
	fail "a wrong configuration was taken"
fi
grep "^netifyd: /tmp/wrong:2: flows.max" /tmp/said >/dev/null || fail "the wrong line is not named"

# A DNS question, as a capture of one packet: the agent must name it.
{
	printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\001\000\000\000'
	printf '\000\000\000\000\000\000\000\000\107\000\000\000\107\000\000\000'
	printf '\002\000\136\000\123\001\002\000\136\000\123\002\010\000'
	printf '\105\000\000\071\000\001\000\000\100\021\000\000\300\000\002\001\300\000\002\002'
	printf '\300\000\000\065\000\045\000\000'
	printf '\022\064\001\000\000\001\000\000\000\000\000\000\007example\003com\000\000\001\000\001'
} >/tmp/dns.pcap
netifyd replay /tmp/dns.pcap | grep '"detected_protocol_name":"DNS"' >/dev/null || fail "a DNS question is not named"

[ -x /etc/init.d/netifyd ] || fail "no start script"
[ -s /etc/capabilities/netifyd.json ] || fail "no capabilities"
grep "^/etc/netifyd" /lib/upgrade/keep.d/netifyd >/dev/null || fail "sysupgrade would lose the identifier"
rm -f /tmp/wrong /tmp/said /tmp/dns.pcap
echo "test.sh: good"
