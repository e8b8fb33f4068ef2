package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDropbox(t *testing.T) {
	const id = proto.Dropbox
	mustMatch(t, id, id, UDP, 17500, c(`{"version": [2, 0], "port": 17500, "host_int": 12345678901234567890, "displayname": "", "namespaces": [1, 2]}`))
	mustMatch(t, id, id, UDP, 40001, c(`{"host_int": 1234567890, "version": [1, 8], "namespaces": [1, 2]}`))
	mustNot(t, id, UDP, 17500, c(`{"host_int": 1234567890, "version": [1, 8], "port": 17500 }`))
	mustNot(t, id, UDP, 17500, c(`{"namespaces": [1, 2], "displayname": "", "port": 17500 }`))
	mustNot(t, id, UDP, 17500, c(`["host_int": 1, "namespaces": [1, 2], "displayname": "" ]`))
}
