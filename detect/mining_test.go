package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMining(t *testing.T) {
	const id = proto.Mining
	mustMatch(t, id, id, TCP, 3333, c("{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n"))
	mustMatch(t, id, id, TCP, 3333, s("{\"id\":1,\"result\":[[[\"mining.notify\",\"ae68\"]],\"0800\",4],\"error\":null}\n"), c("{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a\",\"b\"]}\n"))
	mustMatch(t, id, id, TCP, 9999, c("{\"worker\": \"eth1.0\", \"jsonrpc\": \"2.0\", \"params\": [\"0x1\", \"x\"], \"id\": 2, \"method\": \"eth_submitLogin\"}\n"))
	mustMatch(t, id, id, TCP, 9050, c("{\"method\":\"login\",\"params\":{\"login\":\"4BCeEPho\",\"pass\":\"x\",\"agent\":\"xmr\"},\"id\":1}\n"))
	mustNot(t, id, TCP, 9050, c("{\"method\":\"login\",\"params\":{\"user\":\"4BCeEPho\"},\"id\":1}\n"))
	mustNot(t, id, TCP, 9050, c("{\"method\":\"eth_blockNumber\",\"params\":[],\"id\":1}\n"))
	mustNot(t, id, TCP, 9050, c("{\"hello\":1}\n"))
}
