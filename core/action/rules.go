package action

import (
	"sort"
	"sync/atomic"
	"time"
	"unsafe"

	"netifyd/core/calendar"
	"netifyd/core/config"
	"netifyd/core/expr"
	"netifyd/core/proto"
)

// Set is every rule of a configuration in the form that shards ask. It does not
// change: a reload makes another.
type Set struct {
	rules   []rule
	exempt  exemptions
	groups  *Groups
	targets [MaxTargets]*config.Target // by slot; nil: none
	hold    uint64                     // slots whose elements outlive their flows
	asked   Bits                       // rules that any flow may match
	apps    []keyed                    // rules by the application, sorted; so are the next two
	protos  []keyed
	ports   []keyed
	cats    [256]Bits
	changed uint64 // of hold: slots that other rules fed before
	state   bool   // a rule asks for what changes when detection ends
	servers uint64 // slots that hold addresses of the other side
	digests bool   // a target wants those of flows
	again   bool   // living flows are to be judged anew
	labels  string
}

// keyed is which rules a flow of an identifier may match.
type keyed struct {
	id    uint32
	rules Bits
}

// rule is one rule.
type rule struct {
	name    string
	path    string
	line    int
	program *expr.Program
	exempt  exemptions
	where   place
	iface   string
	windows []window
	clock   *calendar.Clock
	targets uint64
	halt    bool
	spares  bool // resolvers: questions for a name are no use of it
	enabled bool
	record  *record
	source  *config.Action
}

// record is what a rule did. It outlives a reload.
type record struct {
	hits   atomic.Uint64 // flows that matched
	living atomic.Int64  // flows that match now
	paused atomic.Int64  // until when, nanoseconds since 1970
	last   atomic.Int64  // newest flow that began to match, seconds since 1970
}

// place is where a flow must have been seen.
type place uint8

const (
	anywhere place = iota
	atLAN
	atWAN
	atName
)

// exemptions are whom rules do not touch.
type exemptions struct {
	groups   []*expr.Group
	programs []*expr.Program
}

func (e *exemptions) has(in *expr.Input) bool {
	for _, g := range e.groups {
		if g.Has(&in.LocalMAC, in.LocalIP) || g.Has(&in.OtherMAC, in.OtherIP) {
			return true
		}
	}
	for _, p := range e.programs {
		if p.Match(in) {
			return true
		}
	}
	return false
}

func (w place) fits(r *rule, in *expr.Input) bool {
	switch w {
	case atLAN:
		return in.Internal
	case atWAN:
		return !in.Internal
	case atName:
		return in.Interface == r.iface
	}
	return true
}

// judge says which rules a flow matches, and which targets are to be told of it.
func (s *Set) judge(in *expr.Input, active *Bits) (match Bits, targets uint64) {
	may := s.asked
	if rules := find(s.apps, in.App); rules != nil {
		may = may.or(rules)
	}
	if rules := find(s.protos, uint32(in.Proto)); rules != nil {
		may = may.or(rules)
	}
	if rules := find(s.ports, uint32(in.OtherPort)); rules != nil {
		may = may.or(rules)
	}
	may = may.or(&s.cats[in.AppCategory])
	may = may.or(&s.cats[in.DomCategory])
	may = may.or(&s.cats[in.NetCategory])
	may = may.and(active)
	if may.empty() || s.exempt.has(in) {
		return match, 0
	}
	for i := may.first(); i >= 0; i = may.first() {
		r := &s.rules[i]
		may[i>>6] &^= 1 << (i & 63)
		if !r.where.fits(r, in) || !r.program.Match(in) || r.exempt.has(in) {
			continue
		}
		match.set(i)
		told := r.targets
		if r.spares && in.Proto == proto.DNS {
			told &^= s.servers
		}
		targets |= told
		if r.halt {
			break
		}
	}
	return match, targets
}

func find(list []keyed, id uint32) *Bits {
	low, high := 0, len(list)
	for low < high {
		mid := int(uint(low+high) / 2)
		if list[mid].id < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(list) && list[low].id == id {
		return &list[low].rules
	}
	return nil
}

// index files a rule under what a flow must have to match it.
func (s *Set) index(i int) {
	k, ok := s.rules[i].program.Keys()
	if !ok {
		s.asked.set(i)
		return
	}
	for _, id := range k.Apps {
		s.apps = insert(s.apps, id, i)
	}
	for _, id := range k.Protocols {
		s.protos = insert(s.protos, uint32(id), i)
	}
	for _, port := range k.Ports {
		s.ports = insert(s.ports, uint32(port), i)
	}
	for _, id := range k.Categories {
		s.cats[id].set(i)
	}
}

func insert(list []keyed, id uint32, i int) []keyed {
	for at := range list {
		if list[at].id == id {
			list[at].rules.set(i)
			return list
		}
	}
	list = append(list, keyed{id: id})
	list[len(list)-1].rules.set(i)
	return list
}

// sort puts what rules were filed under in the order that find wants.
func (s *Set) sort() {
	for _, list := range [][]keyed{s.apps, s.protos, s.ports} {
		sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	}
}

// active are the rules that hold at a time, in nanoseconds since 1970.
func (s *Set) active(now int64) (b Bits) {
	for i := range s.rules {
		if r := &s.rules[i]; r.activeAt(now) {
			b.set(i)
		}
	}
	return b
}

func (r *rule) activeAt(now int64) bool {
	return r.enabled && now >= r.record.paused.Load() && (len(r.windows) == 0 || holds(r.windows, r.clock.Local(now/int64(time.Second))))
}

// fed are the slots that rules tell.
func (s *Set) fed(rules Bits) (slots uint64) {
	rules.each(func(i int) { slots |= s.rules[i].targets })
	return slots
}

// Empty says that no rule can match.
func (s *Set) Empty() bool { return len(s.rules) == 0 }

// Size is about the memory of the rules.
func (s *Set) Size() int {
	n := int(unsafe.Sizeof(*s)) + (len(s.apps)+len(s.protos)+len(s.ports))*int(unsafe.Sizeof(keyed{})) + len(s.rules)*int(unsafe.Sizeof(rule{})+unsafe.Sizeof(record{})) + s.groups.size()
	for i := range s.rules {
		n += s.rules[i].program.Size()
	}
	return n
}
