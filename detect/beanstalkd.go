package detect

import "netifyd/core/proto"

// Beanstalkd, a queue of jobs
// (https://github.com/beanstalkd/beanstalkd/blob/master/doc/protocol.txt):
// commands in lower case, answers in upper case, lines of both end in CR LF.
// A job is put with four numbers, which nothing else does; other commands want their answer.
var beanstalkdCard = Protocol{ID: proto.Beanstalkd, Over: TCP, Ports: []uint16{11300}, Limit: 256, Inspect: inspectBeanstalkd}

var beanstalkCommands = []string{
	"USE ", "RESERVE\r\n", "RESERVE-WITH-TIMEOUT ", "RESERVE-JOB ", "DELETE ", "RELEASE ", "BURY ", "TOUCH ", "WATCH ", "IGNORE ", "PEEK ", "PEEK-READY\r\n",
	"PEEK-DELAYED\r\n", "PEEK-BURIED\r\n", "KICK ", "KICK-JOB ", "STATS\r\n", "STATS-JOB ", "STATS-TUBE ", "LIST-TUBES\r\n", "LIST-TUBE-USED\r\n",
	"LIST-TUBES-WATCHED\r\n", "PAUSE-TUBE ",
}

var beanstalkAnswers = []string{"USING ", "WATCHING ", "RESERVED ", "INSERTED ", "DELETED\r\n", "RELEASED\r\n", "TOUCHED\r\n", "KICKED", "TIMED_OUT\r\n",
	"DEADLINE_SOON\r\n", "NOT_IGNORED\r\n", "BURIED", "PAUSED\r\n"}

func inspectBeanstalkd(in *Input, _ *Result) Verdict {
	up := beanstalkPut(in.ToServer)
	if up == Match {
		return Match
	}
	for _, ch := range in.ToServer[:min(4, len(in.ToServer))] {
		if (ch < 'a' || ch > 'z') && ch != ' ' {
			return No
		}
	}
	if v := beginsAny(in.ToServer, beanstalkCommands); v > up {
		up = v
	}
	down := beanstalkAnswer(in.ToClient)
	if up == No || down == No {
		return No
	}
	if up == Match && down == Match {
		return Match
	}
	return NeedMore
}

// beanstalkPut wants "put", priority, delay, time to run and the size of the job.
func beanstalkPut(b []byte) Verdict {
	if v := begins(b, "put "); v != Match {
		return v
	}
	b = b[4:]
	for i := range 4 {
		_, digits := decimal(b)
		for digits < len(b) && digits < 10 && '0' <= b[digits] && b[digits] <= '9' {
			digits++
		}
		if digits == len(b) {
			return NeedMore
		}
		if digits == 0 || digits > 10 {
			return No
		}
		if b = b[digits:]; i < 3 {
			if b[0] != ' ' {
				return No
			}
			b = b[1:]
		}
	}
	return begins(b, "\r\n")
}

// beanstalkAnswer reads an answer that is this protocol's own, or statistics, in YAML behind their size.
func beanstalkAnswer(b []byte) Verdict {
	best := No
	for _, a := range beanstalkAnswers {
		best = max(best, begins(b, a))
	}
	if best != No {
		return best
	}
	for _, a := range [...]string{"NOT_FOUND\r\n", "BAD_FORMAT\r\n", "UNKNOWN_COMMAND\r\n"} {
		best = max(best, begins(b, a))
	}
	if v := begins(b, "OK "); v != Match {
		return max(best, v)
	}
	_, digits := decimal(b[3:])
	if b = b[3+digits:]; digits == 0 && len(b) > 0 {
		return No
	}
	return begins(b, "\r\n---\n")
}
