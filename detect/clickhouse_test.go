package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestClickHouse(t *testing.T) {
	const id = proto.ClickHouse
	mustMatch(t, id, id, TCP, 9000, c("\x00\x11ClickHouse client\x17\x08\xb6\xa9\x03\x00\x07default\x00"))
	mustMatch(t, id, id, TCP, 9001, c("\x00\x13clickhouse-go/2.0.1\x01\x00"))
	mustMatch(t, id, id, TCP, 9000, s("\x00\x0aClickHouse\x17\x08"))
	mustNot(t, id, TCP, 9000, c("\x00\x0cSome other db\x17\x08"))
	mustNot(t, id, TCP, 9000, c("\x00\x09ClickHous"))
	mustNot(t, id, TCP, 9000, c("\x01\x0aClickHouse"))
}
