package detect

import "netifyd/core/proto"

// ZooKeeper (zookeeper.jute in its sources describes ConnectRequest and
// ConnectResponse): a session begins with a request of 44 or 45 bytes:
// version 0, the last transaction seen, a timeout, a session, its password of
// 16 bytes, and whether the client only reads. Administrators send words of
// four letters (ZooKeeper Administrator's Guide, "The Four Letter Words").
var zookeeperCard = Protocol{ID: proto.ZooKeeper, Over: TCP, Ports: []uint16{2181}, Limit: 256, Inspect: inspectZooKeeper}

func inspectZooKeeper(in *Input, _ *Result) Verdict {
	const transaction = 8
	up := zookeeperHello(in.ToServer, 44, transaction)
	down := zookeeperHello(in.ToClient, 36, 0)
	if len(in.ToServer) > 0 && up == No {
		return zookeeperWord(in)
	}
	switch {
	case up == No || down == No && up != Match:
		return No
	case up == Match || down == Match:
		return Match
	}
	return NeedMore
}

// zookeeperHello reads a request, or its answer, which names no transaction.
func zookeeperHello(b []byte, size byte, transaction int) Verdict {
	const password, longest = 16, 1 << 24 // milliseconds, more than four hours
	for i, ch := range b[:min(len(b), 8)] {
		if i == 3 && ch != size && ch != size+1 || i != 3 && ch != 0 {
			return No
		}
	}
	at := 8 + transaction
	if len(b) < at+16 {
		return NeedMore
	}
	if be32(b[at:]) >= longest || be32(b[at+12:]) != password {
		return No
	}
	return Match
}

// zookeeperWord wants one word and an answer that only ZooKeeper gives.
func zookeeperWord(in *Input) Verdict {
	for _, w := range [...]struct{ ask, answer string }{
		{"ruok", "imok"}, {"srvr", "Zookeeper version: "}, {"stat", "Zookeeper version: "}, {"mntr", "zk_version\t"}, {"envi", "Environment:\nzookeeper.version="},
	} {
		v := begins(in.ToServer, w.ask)
		if v == No || len(in.ToServer) > len(w.ask) && in.ToServer[len(w.ask)] != '\n' && in.ToServer[len(w.ask)] != '\r' {
			continue
		}
		return min(v, begins(in.ToClient, w.answer))
	}
	return No
}
