package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestZooKeeper(t *testing.T) {
	const id = proto.ZooKeeper
	testProtocol(t, id)
	const connect = "0000002d 00000000 0000000000000005 00007530 0000000000000000 00000010 00000000000000000000000000000000 00"
	mustMatch(t, id, id, TCP, 2181, cx(connect))
	mustMatch(t, id, id, TCP, 2181, sx("00000024 00000000 00007530 01000048c1a20000 00000010 acc6f3cfc9506faa6ac74603ba6ca653"))
	mustMatch(t, id, id, TCP, 2181, c("ruok"), s("imok"))
	mustMatch(t, id, id, TCP, 2181, c("mntr\n"), s("zk_version\t3.8.0"))
	mustNot(t, id, TCP, 2181, cx("0000002d 00000000 0000000000000005 00007530 0000000000000000 00000011 00"))
	mustNot(t, id, TCP, 2181, cx("0000002e 00000000 0000000000000005"))
	mustNot(t, id, TCP, 2181, c("stat\r\n"), s("STAT pid 1\r\n"))
	mustNot(t, id, TCP, 2181, c("ruok"))
	mustNot(t, proto.Kafka, TCP, 2181, cx(connect), sx("00000025 00000000 00007530 01000048c1a20000"))
}
