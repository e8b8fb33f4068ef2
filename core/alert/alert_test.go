package alert

import "testing"

func TestRing(t *testing.T) {
	r := new(Ring)
	if !r.Raise(Alert{Kind: CaptureLost, Value: 3}, 1000) || r.Raise(Alert{Kind: CaptureLost, Value: 4}, 2000) {
		t.Error("the same alert within an hour is one")
	}
	if !r.Raise(Alert{Kind: DeviceNew, Device: 7}, 2000) || !r.Raise(Alert{Kind: DeviceNew, Device: 8}, 2000) || !r.Raise(Alert{Kind: CaptureLost, Value: 5}, 5000) {
		t.Error("other alerts are others")
	}
	have := r.Since(nil, 0, 10)
	if len(have) != 4 || have[0].Value != 7 || have[0].Last != 2000 || have[3].Value != 5 || r.Newest() != 4 {
		t.Errorf("%+v", have)
	}
	for n := range uint32(1000) {
		r.Raise(Alert{Kind: DeviceNew, Device: 100 + n}, 6000)
	}
	have = r.Since(nil, 0, 10000)
	if len(have) != Size || have[0].Number != 1004-Size+1 || have[Size-1].Number != 1004 || len(r.Since(nil, 1000, 3)) != 3 || len(r.Since(nil, 1004, 3)) != 0 {
		t.Errorf("%d alerts from %d on", len(have), have[0].Number)
	}
}

// Each kind is raised when its state begins, once.
func TestWatch(t *testing.T) {
	r := new(Ring)
	told := map[Kind]int{}
	w := NewWatch(r, func(a Alert) { told[a.Kind]++ })
	good := State{ClockSet: true, Present: []bool{true, true}}
	w.Look(good, 1)
	if len(told) > 0 {
		t.Error(told)
	}
	bad := State{Dropped: 5, Evicted: 1, Refused: 2, Offloads: true, Uncounted: true, Unwritten: true, Present: []bool{true, false}}
	for now := range uint32(3) {
		w.Look(bad, now+2)
	}
	for _, k := range []Kind{CaptureLost, TableFull, DevicesFull, ClockUnset, OffloadUncounted, HistoryUnwritten, InterfaceGone} {
		if told[k] != 1 {
			t.Errorf("%s was told %d times", k, told[k])
		}
	}
	if told[OffloadCounted] != 0 {
		t.Error("offload is counted")
	}
	if a := r.Since(nil, 0, 99); a[len(a)-1].Kind != InterfaceGone || a[len(a)-1].Iface != 2 {
		t.Errorf("%+v", a)
	}
	NewWatch(r, func(a Alert) { told[a.Kind]++ }).Look(State{Offloads: true, ClockSet: true}, 9)
	if told[OffloadCounted] != 1 {
		t.Error(told)
	}
	NewWatch(r, func(a Alert) { told[a.Kind]++ }).Look(State{}, 9999)
	if told[ClockUnset] != 2 {
		t.Error("a clock that is not set at the start is told")
	}
}

func TestSeen(t *testing.T) {
	s := new(Seen)
	wrong := 0
	for d := range uint32(256) {
		for l := range uint32(30) {
			if !s.Add(d, l) {
				wrong++
			}
		}
	}
	for d := range uint32(256) {
		for l := range uint32(30) {
			if s.Add(d, l) {
				t.Fatal("forgotten")
			}
		}
	}
	if wrong > 7680/8 {
		t.Errorf("%d of 7680 were taken for known", wrong)
	}
	b, changed := s.Bits()
	again := new(Seen)
	again.Set(b)
	if _, twice := s.Bits(); !changed || twice || again.Add(7, 7) {
		t.Error("not the same when it comes back")
	}
}

func TestQuota(t *testing.T) {
	r := new(Ring)
	w := NewWatch(r, func(Alert) {})
	for _, used := range []uint64{0, 799, 800, 900, 999, 1000, 5000} {
		w.Spent(1, 7, used, 1000, 10)
		w.Spent(1, 0, used*2, 0, 10) // no quota
	}
	w.Spent(2, 7, 850, 1000, 20000)
	w.Spent(2, 8, 2000, 1000, 20000)
	var have []Kind
	for _, a := range r.Since(nil, 0, 99) {
		have = append(have, a.Kind)
	}
	if len(have) != 4 || have[0] != QuotaNear || have[1] != QuotaReached || have[2] != QuotaNear || have[3] != QuotaReached {
		t.Error(have)
	}
}

func TestEveryKindHasWords(t *testing.T) {
	for k := range numKinds {
		a := Alert{Kind: k, Value: 42, Device: 1}
		if s := a.Text(Words{"tv", "netify.netflix", "eth0", "192.0.2.1"}); k.String() == "" || s == "" || s == k.String() {
			t.Errorf("%d: %q %q", k, k, s)
		}
	}
}

// A risk grows within the hour, and counts as long as it was seen lately.
func TestRiskFound(t *testing.T) {
	r := new(Ring)
	for _, at := range []uint32{1000, 1500} {
		r.Raise(Alert{Kind: RiskFound, Device: 1, Label: 3, Value: 1}, at)
	}
	r.Raise(Alert{Kind: RiskFound, Device: 1, Label: 20, Value: 2}, 1200)
	r.Raise(Alert{Kind: DeviceNew, Device: 2}, 1500)
	for since, want := range map[uint32]int{0: 2, 1200: 2, 1201: 1, 1501: 0} {
		if n := r.Count(RiskFound, since); n != want {
			t.Errorf("since %d: %d, want %d", since, n, want)
		}
	}
	list := r.Since(nil, 0, 9)
	for i, want := range []string{"tv has 2 flows at risk: Clear-Text Credentials", "tv has 2 flows at risk: Clear-Text Credentials"} {
		if text := list[i].Text(Words{Device: "tv", Label: "Clear-Text Credentials"}); text != want || !list[i].Kind.Serious() {
			t.Errorf("%q, want %q", text, want)
		}
	}
	if text := (&Alert{Kind: RiskFound, Value: 1}).Text(Words{Device: "tv", Label: "x"}); text != "tv has a flow at risk: x" {
		t.Error(text)
	}
}

// People read bytes in units.
func TestQuotaInUnits(t *testing.T) {
	for kind, want := range map[Kind]string{QuotaNear: "tv has used 80 % of the quota of this period: 5.8 MiB", QuotaReached: "tv has used up the quota of this period: 5.8 MiB"} {
		if got := (&Alert{Kind: kind, Device: 7, Value: 6030468}).Text(Words{Device: "tv"}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
