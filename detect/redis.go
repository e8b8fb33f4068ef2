package detect

import "netifyd/core/proto"

var redisCard = Protocol{ID: proto.Redis, Over: TCP, Ports: []uint16{6379}, Limit: 512, Inspect: inspectRedis}

// inspectRedis recognises a command as the client sends it: an array of bulk
// strings, the first a word
// (https://redis.io/docs/latest/develop/reference/protocol-spec/); or an
// inline command that the server answers as it must.
func inspectRedis(in *Input, _ *Result) Verdict {
	client := redisCommand(in.ToServer)
	if client == Match {
		return Match
	}
	inline := beginsAny(in.ToServer, []string{"PING\r\n", "INFO\r\n", "INFO "})
	if client == No && inline == No {
		return No
	}
	answer := max(begins(in.ToClient, "+PONG\r\n"), begins(in.ToClient, "$"), begins(in.ToClient, "-NOAUTH"), begins(in.ToClient, "-ERR "))
	switch {
	case answer == No:
		if client == No {
			return No
		}
	case answer == Match && inline == Match:
		return redisBulk(in.ToClient)
	}
	return NeedMore
}

// redisBulk wants a length where the answer is a bulk string.
func redisBulk(b []byte) Verdict {
	if b[0] != '$' {
		return Match
	}
	n, digits := decimal(b[1:])
	v := begins(b[1+digits:], "\r\n# ")
	if v == Match && (digits == 0 || n == 0) {
		return No
	}
	return v
}

// redisCommand reads "*2\r\n$4\r\nLLEN\r\n".
func redisCommand(b []byte) Verdict {
	if v := begins(b, "*"); v != Match {
		return v
	}
	count, rest, v := redisNumber(b[1:])
	if v != Match {
		return v
	}
	if count < 1 || count > 1<<20 {
		return No
	}
	if v := begins(rest, "$"); v != Match {
		return v
	}
	size, rest, v := redisNumber(rest[1:])
	if v != Match {
		return v
	}
	if size < 2 || size > 32 {
		return No
	}
	for _, ch := range rest[:min(size, len(rest))] {
		if up := upper(ch); (up < 'A' || up > 'Z') && ch != '.' && ch != '_' && ch != '-' {
			return No
		}
	}
	if len(rest) < size {
		return NeedMore
	}
	return begins(rest[size:], "\r\n")
}

func redisNumber(b []byte) (n int, rest []byte, v Verdict) {
	n, digits := decimal(b)
	if digits == 0 {
		if len(b) == 0 {
			return 0, nil, NeedMore
		}
		return 0, nil, No
	}
	v = begins(b[digits:], "\r\n")
	if v != Match {
		return 0, nil, v
	}
	return n, b[digits+2:], Match
}
