package detect

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// c and s are what the client and the server say.
func c(text string) said { return said{false, []byte(text)} }
func s(text string) said { return said{true, []byte(text)} }

// cx and sx are the same in hexadecimal digits, with spaces anywhere.
func cx(digits string) said { return said{false, unhex(digits)} }
func sx(digits string) said { return said{true, unhex(digits)} }

// sealedHex is n bytes in hexadecimal digits that look random, as keys and sealed text do.
func sealedHex(n int) string {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return hex.EncodeToString(b)
}

func unhex(digits string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// talk gives a conversation to one card (or to several of the same identifier)
// as the engine would, byte by byte for TCP, and holds the card to the rules:
// no No on the way to a Match, no change of mind after it, no allocation.
func talk(t *testing.T, id proto.ID, over Transport, port uint16, what ...said) (Verdict, *Result) {
	t.Helper()
	best := new(Result)
	verdict := No
	found := false
	for i := range Registry {
		p := &Registry[i]
		if p.ID != id || p.Over&over == 0 {
			continue
		}
		found = true
		fl := &testFlow{in: Input{Over: over, ServerPort: port, ClientPort: 40000}, said: what}
		if over == UDP {
			fl.in.IPProtocol = 17
		} else {
			fl.in.IPProtocol = 6
		}
		res := new(Result)
		matched, refused := false, -1
		last := No
		fl.replay(max(p.Limit, 1), true, func(in *Input) bool {
			res.Reset(id)
			in.Known = matched // as Again says
			last = p.Inspect(in, res)
			n := len(in.ToServer) + len(in.ToClient)
			switch {
			case last == Match:
				matched = true
			case matched && over == TCP:
				t.Errorf("%v: Match, then verdict %d after %d bytes", id, last, n)
			case last == No && refused < 0:
				refused = n
			case last == NeedMore && p.Limit == 0:
				t.Errorf("%v: NeedMore from a card that asks for no more", id)
			}
			return last == No || matched && !res.More
		})
		if matched && refused >= 0 {
			t.Errorf("%v: No after %d bytes of what is a match in the end", id, refused)
		}
		fl.replay(max(p.Limit, 1), false, func(in *Input) bool {
			r := new(Result)
			if a := testing.AllocsPerRun(2, func() { r.Reset(id); p.Inspect(in, r) }); a != 0 {
				t.Errorf("%v allocates %v times", id, a)
				return true
			}
			return false
		})
		if matched {
			last = Match
		} else if last == Odd {
			last = NeedMore
		}
		if last >= verdict {
			verdict, best = last, res
		}
	}
	if !found {
		t.Fatalf("%v is not registered", id)
	}
	return verdict, best
}

// mustMatch is talk that must end in Match, as want.
func mustMatch(t *testing.T, id, want proto.ID, over Transport, port uint16, what ...said) *Result {
	t.Helper()
	v, res := talk(t, id, over, port, what...)
	if v != Match {
		t.Fatalf("verdict %d, want a match of %v", v, id)
	}
	if res.Protocol != want {
		t.Fatalf("protocol is %v, want %v", res.Protocol, want)
	}
	return res
}

// mustNot is talk that must not end in Match.
func mustNot(t *testing.T, id proto.ID, over Transport, port uint16, what ...said) {
	t.Helper()
	if v, _ := talk(t, id, over, port, what...); v == Match {
		t.Errorf("a match of %v: %q", id, what[len(what)-1].bytes)
	}
}

func wantText(t *testing.T, res *Result, k attr.Key, want string) {
	t.Helper()
	if got := string(res.Get(k)); got != want {
		t.Errorf("%s.%s is %q, want %q", k.Info().Group, k.Info().Name, got, want)
	}
}

func wantHex(t *testing.T, res *Result, k attr.Key, want string) {
	t.Helper()
	if got := hex.EncodeToString(res.Get(k)); got != want {
		t.Errorf("%s.%s is %s, want %s", k.Info().Group, k.Info().Name, got, want)
	}
}
