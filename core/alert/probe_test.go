package alert

import (
	"net/netip"
	"testing"
)

func addr(n int) [16]byte {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}).As16()
}

// found is what is told of tries, by kind.
func found(p *Probes) map[Kind][]Found {
	out := map[Kind][]Found{}
	p.Drain(func(f Found) { out[f.Kind] = append(out[f.Kind], f) })
	return out
}

// Who tries many ports, many hosts, or hears nothing is told of; who looks for
// peers, or mostly gets what it asks for, is not.
func TestProbes(t *testing.T) {
	for what, x := range map[string]struct {
		try  func(i int) Try
		n    int
		want Kind // numKinds: none
	}{
		"ports of one host":               {func(i int) Try { return Try{Peer: addr(1), Port: uint16(i + 1)} }, 100, ScanPorts},
		"ports, all of them silent":       {func(i int) Try { return Try{Peer: addr(1), Port: uint16(i + 1), Silent: true} }, 1000, ScanPorts},
		"one port of many hosts":          {func(i int) Try { return Try{Peer: addr(i), Port: 23, Silent: i%2 == 0} }, 100, ScanHosts},
		"two ports of many hosts":         {func(i int) Try { return Try{Peer: addr(i / 2), Port: uint16(22 + i%2)} }, 200, ScanHosts},
		"a server that is away":           {func(int) Try { return Try{Peer: addr(1), Port: 445, Silent: true} }, 25, SynUnanswered},
		"a server that refuses":           {func(int) Try { return Try{Peer: addr(1), Port: 445} }, 25, numKinds},
		"peers at ports of their own":     {func(i int) Try { return Try{Peer: addr(i), Port: uint16(1000 + 7*i), Silent: true} }, 500, numKinds},
		"the web, while the line is down": {func(i int) Try { return Try{Peer: addr(i), Port: 443, Silent: true} }, 200, numKinds},
		"a few":                           {func(i int) Try { return Try{Peer: addr(1), Port: uint16(i)} }, 19, numKinds},
		"mostly it works":                 {func(i int) Try { return Try{Peer: addr(1), Port: uint16(i), Came: i%3 == 2} }, 300, numKinds},
	} {
		p := NewProbes()
		for i := range x.n {
			y := x.try(i)
			y.Host, y.Device = addr(1<<20), 7
			p.Count(&y, 1000+uint32(i*50/x.n))
		}
		got := found(p)
		if x.want == numKinds {
			if len(got) > 0 {
				t.Errorf("%s: %v", what, got)
			}
			continue
		}
		if len(got) != 1 || len(got[x.want]) != 1 || got[x.want][0].Place != 7 || got[x.want][0].Value != uint64(x.n) || got[x.want][0].Host != addr(1<<20) {
			t.Errorf("%s: %v", what, got)
		}
		if again := found(p); len(again) > 0 {
			t.Errorf("%s: told again: %v", what, again)
		}
		if y := x.try(x.n); true {
			y.Host = addr(1 << 20)
			p.Count(&y, 1059)
		}
		if more := found(p)[x.want]; len(more) != 1 || more[0].Value != 1 {
			t.Errorf("%s: one more is %v", what, more)
		}
	}
}

// Tries in one minute count together, those of another minute not.
func TestProbesForget(t *testing.T) {
	p := NewProbes()
	for i := range 100 {
		p.Count(&Try{Host: addr(1), Peer: addr(2), Port: uint16(i)}, 1000+uint32(i)*6)
	}
	if got := found(p); len(got) > 0 {
		t.Errorf("ten tries a minute: %v", got)
	}
}

// A flood from made-up addresses pushes nobody out who tries more.
func TestProbesUnderFlood(t *testing.T) {
	p := NewProbes()
	for i := range 10 {
		for k := range 5 {
			p.Count(&Try{Host: addr(1), Peer: addr(2), Port: uint16(5*i + k)}, 1000)
		}
		for k := range 1000 {
			p.Count(&Try{Host: addr(1000 + 1000*i + k), Peer: addr(2), Port: 80, Silent: true}, 1000)
		}
	}
	if got := found(p); len(got[ScanPorts]) != 1 || got[ScanPorts][0].Value != 50 {
		t.Errorf("%v", got)
	}
	if n := testing.AllocsPerRun(100, func() { p.Count(&Try{Host: addr(3), Peer: addr(2), Port: 80}, 1001) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Scans from outside are one alert, which names the last host.
func TestScansFromOutsideAreOne(t *testing.T) {
	r := new(Ring)
	for i := range 5 {
		r.Raise(Alert{Kind: ScanPorts, Host: addr(i), Value: 30}, uint32(100+i))
	}
	if all := r.Since(nil, 0, 9); len(all) != 1 || all[0].Value != 150 || all[0].Host != addr(4) {
		t.Errorf("%+v", all)
	}
}

// Of more tries than a place counts none is lost, as long as somebody asks.
func TestManyTries(t *testing.T) {
	p, told := NewProbes(), uint64(0)
	for i := range 200_000 {
		p.Count(&Try{Host: addr(9), Peer: addr(1), Port: uint16(i)}, 1000)
		if i%20_000 == 19_999 {
			for _, f := range found(p)[ScanPorts] {
				told += f.Value
			}
		}
	}
	if told != 200_000 {
		t.Errorf("alerts tell of %d tries of 200000", told)
	}
}
