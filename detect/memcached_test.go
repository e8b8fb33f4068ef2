package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMemcached(t *testing.T) {
	testProtocol(t, proto.Memcached)
	for _, x := range [][]said{
		{c("stats\r\n"), s("STAT pid 8837\r\n")},
		{c("set k 0 0 1\r\na\r\n"), s("STORED\r\n")},
		{c("get k\r\n"), s("VALUE k 0 1\r\na\r\nEND\r\n")},
		{c("get none\r\n"), s("END\r\n")},
	} {
		mustMatch(t, proto.Memcached, proto.Memcached, TCP, 11212, x...)
		mustNot(t, proto.Memcached, TCP, 11211, x[0])
	}
	mustNot(t, proto.Memcached, TCP, 11212, c("get have data\r\n"), s("VERSION NULL THE"))
	mustMatch(t, proto.Memcached, proto.Memcached, TCP, 11212, c("version\r\n"), s("VERSION 1.6.9\r\n"))
	mustNot(t, proto.Memcached, TCP, 11211, c("get k\r\n"), s("$-1\r\n"))
	mustNot(t, proto.Memcached, TCP, 11300, c("stats\r\n"), s("OK 944\r\n"))
	mustMatch(t, proto.Memcached, proto.Memcached, UDP, 11211, c("\x00\x01\x00\x00\x00\x01\x00\x00stats\r\n"), s("\x00\x01\x00\x00\x00\x02\x00\x00STAT pid 1\r\n"))
	mustNot(t, proto.Memcached, UDP, 11211, c("\x00\x01\x00\x01\x00\x01\x00\x00stats\r\n"))
}

func TestMemcachedBinary(t *testing.T) {
	get := "80 00 0005 00 00 0000 00000005 0badcafe 0000000000000000 48656c6c6f"
	hit := "81 00 0000 04 00 0000 00000009 0badcafe 0000000000000001 deadbeef 576f726c64"
	mustMatch(t, proto.Memcached, proto.Memcached, TCP, 11212, cx(get), sx(hit))
	mustNot(t, proto.Memcached, TCP, 11212, cx(get), sx("81 01"+hit[5:]))
	mustNot(t, proto.Memcached, TCP, 11212, cx("80 00 0005 00 01 0000 00000005 0badcafe 0000000000000000"))
	mustNot(t, proto.Memcached, TCP, 11212, cx("80 00 0005 00 00 0000 00000004 0badcafe 0000000000000000"))
}
