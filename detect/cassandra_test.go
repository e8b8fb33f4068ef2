package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCassandra(t *testing.T) {
	mustMatch(t, proto.Cassandra, proto.Cassandra, TCP, 9042, cx("040000000100000016 0001 000b"), c("CQL_VERSION"), cx("0005 332e302e30"))
	mustMatch(t, proto.Cassandra, proto.Cassandra, TCP, 9042, cx("040000000500000000"), sx("840000000600000027 0002 000b"))
	mustMatch(t, proto.Cassandra, proto.Cassandra, TCP, 7000, cx("ca552dfa 0c000000"))
	mustMatch(t, proto.Cassandra, proto.Cassandra, TCP, 9042, cx("040000000500000000"))
	mustNot(t, proto.Cassandra, TCP, 9042, cx("040001000500000000"))
	mustMatch(t, proto.Cassandra, proto.Cassandra, TCP, 9042, cx("040001000500000000"), sx("840001000600000027 0002 000b"))
	mustNot(t, proto.Cassandra, TCP, 9042, cx("040001000500000000"), sx("840000000000000027"))
	mustNot(t, proto.Cassandra, TCP, 9042, cx("040000000100000016 0001 000b"), c("cql_version"))
	mustNot(t, proto.Cassandra, TCP, 1080, cx("0401005042000001006162630000"))
}
