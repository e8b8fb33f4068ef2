package detect

// together is the verdict on a flow of those on its two directions: one that
// refutes goes before one that proves.
func together(up, down Verdict) Verdict {
	switch {
	case up == No || down == No:
		return No
	case up == Match || down == Match:
		return Match
	}
	return NeedMore
}

// eitherWay judges a TCP protocol whose messages look alike in both directions:
// one direction that proves it is enough, one that refutes it too. judge gives
// NeedMore for no bytes at all.
func eitherWay(in *Input, judge func(b []byte) Verdict) Verdict {
	up, down := judge(in.ToServer), judge(in.ToClient)
	switch {
	case up == Match || down == Match:
		return Match
	case up == No || down == No:
		return No
	}
	return NeedMore
}

// bothWays is eitherWay for formats too weak for one direction: Match wants
// one from each.
func bothWays(in *Input, judge func(b []byte) Verdict) Verdict {
	up, down := judge(in.ToServer), judge(in.ToClient)
	switch {
	case up == No || down == No:
		return No
	case up == Match && down == Match:
		return Match
	}
	return NeedMore
}

// datagramsBothWays judges a UDP protocol by all datagrams at hand: each must
// be one of its own, and Match wants one from each direction.
func datagramsBothWays(in *Input, own func(b []byte) bool) Verdict {
	toServer, toClient := false, false
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if !own(b) {
			return No
		}
		toClient = toClient || fromServer
		toServer = toServer || !fromServer
	}
	if toServer && toClient {
		return Match
	}
	return NeedMore
}
