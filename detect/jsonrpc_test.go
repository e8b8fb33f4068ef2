package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestJSONRPC(t *testing.T) {
	const id = proto.JSONRPC
	mustMatch(t, id, id, TCP, 8080, c(`{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}`))
	mustMatch(t, id, id, TCP, 8080, c("[\n"+`{"id":1,"method":"sum","jsonrpc":"2.0"}]`))
	mustNot(t, id, TCP, 3333, c(`{"id":1,"jsonrpc":"2.0","method":"mining.subscribe","params":[]}`))
	mustNot(t, id, TCP, 3333, c(`{"id":1,"jsonrpc":"2.0","method":"login","params":{}}`))
	mustNot(t, id, TCP, 8080, c(`{"id":1,"method":"subtract"}`))
	mustNot(t, id, TCP, 8080, c(`GET {"jsonrpc": "2.0", "method": "x"}`))
}
