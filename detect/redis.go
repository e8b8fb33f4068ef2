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
	inline := redisInline(in.ToServer)
	if in.ServerFirst() || client == No && inline == No {
		return No
	}
	answer := redisAnswer(in.ToClient)
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

// redisInlines are commands as a person or a script sends them, without lengths.
// Those of other protocols too (AUTH, QUIT, GET of memcached) are told apart by
// the answer and by who speaks first.
var redisInlines = []string{"PING", "INFO", "AUTH ", "SET ", "GET ", "DEL ", "SELECT ", "HELLO ", "KEYS ", "INCR ", "DECR ", "EXISTS ", "EXPIRE ", "TTL ", "TYPE ",
	"LPUSH ", "RPUSH ", "LRANGE ", "SADD ", "SMEMBERS ", "HSET ", "HGET ", "HGETALL ", "ZADD ", "CONFIG ", "CLIENT ", "COMMAND", "DBSIZE", "FLUSHALL", "FLUSHDB",
	"SUBSCRIBE ", "PUBLISH ", "MULTI", "ECHO ", "MONITOR", "SLAVEOF ", "REPLICAOF "}

// redisInline wants a command at the start of a line of text.
func redisInline(b []byte) Verdict {
	line, _, found := cutLine(b)
	v := beginsAny(b, redisInlines)
	switch {
	case v == No || !isText(line):
		return No
	case v == Match && !found:
		return NeedMore
	}
	return v
}

// redisAnswer knows simple strings, numbers, bulk strings and errors that the
// server gives to such commands.
func redisAnswer(b []byte) Verdict {
	best := No
	for _, a := range [...]string{"+PONG\r\n", "+OK\r\n", "$", ":", "-NOAUTH", "-ERR ", "-WRONGPASS ", "-WRONGTYPE ", "-DENIED ", "+QUEUED"} {
		best = max(best, begins(b, a))
	}
	if best == Match && b[0] == ':' {
		_, _, v := redisNumber(b[1:])
		return v
	}
	return best
}

// redisBulk wants a length where the answer is a bulk string, and its end.
func redisBulk(b []byte) Verdict {
	if b[0] != '$' {
		return Match
	}
	if v := begins(b, "$-1\r\n"); v != No {
		return v // nothing is kept there
	}
	n, text, v := redisNumber(b[1:])
	switch {
	case v != Match:
		return v
	case len(text) >= n:
		return begins(text[n:], "\r\n")
	case n > 64 && len(text) > 1: // as INFO answers
		return begins(text, "# ")
	}
	return NeedMore
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
