package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestBeanstalkd(t *testing.T) {
	const id = proto.Beanstalkd
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 11300, c("put 4294967295 0 60 5\r\nhello\r\n"))
	mustMatch(t, id, id, TCP, 11300, c("watch mail\r\n"), s("WATCHING 2\r\n"))
	mustMatch(t, id, id, TCP, 11300, c("reserve-with-timeout 3\r\n"), s("TIMED_OUT\r\n"))
	mustMatch(t, id, id, TCP, 11300, c("stats\r\n"), s("OK 956\r\n---\ncurrent-jobs-urgent: 0\n"))
	mustMatch(t, id, id, TCP, 11300, c("delete 7\r\n"), s("NOT_FOUND\r\n"))
	for _, other := range [][]said{
		{c("put 1 0 60\r\n")},                             // three numbers
		{c("put 1 0 60 99999999999\r\n")},                 // more than 32 bits
		{c("put sys.cpu 1356998400 42.5 host=web01\r\n")}, // OpenTSDB
		{c("stats\r\n"), s("STAT pid 1\r\n")},             // memcached
		{c("USE tube\r\n"), s("USING tube\r\n")},
		{c("use work\r\n"), s("200 ok\r\n")},
	} {
		mustNot(t, id, TCP, 11300, other...)
	}
}
