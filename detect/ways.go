package detect

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
