package engine

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/file"
	"netifyd/core/flow"
)

// statusKeeper remembers the newest agent_status, so that any goroutine can greet a client with it.
type statusKeeper struct {
	mu      sync.Mutex
	last    event.Status
	started time.Time
	file    string
	buf     []byte
	hello   []byte
	offload offload
	faults  uint64 // of detectors, as logged
	ended   uint64 // flows, at the last status

	evictedBefore uint64 // FlowsEvicted in the status before

	unwritten bool // the file could not be written, and this was said
	homeless  bool // there is no directory for it, and this was said
}

func (k *statusKeeper) start(e *Engine) {
	k.started = time.Now()
	k.file = filepath.Join(e.cfg.VolatileDir, config.StatusFile)
	build := "netifyd/" + e.opts.Version + " (" + runtime.GOOS + "; " + runtime.GOARCH + "; dns-cache; regex)"
	k.hello = event.AppendHello(nil, e.opts.Version, build)
	k.last = event.Status{AgentVersion: e.opts.Version, BuildVersion: build, Timestamp: k.started.Unix(), CPUCores: runtime.NumCPU(),
		UpdateInterval: uint64(e.cfg.UpdateInterval / time.Second), Offload: "none",
		MemoryPlan: uint64(Total(Plan(e.cfg, len(e.cfg.Interfaces), e.apps)) >> 10)}
	k.offload.path = conntrackPath
	e.findOffload(k)
	k.last.Hints = -1
	if e.cfg.Hints > 0 {
		k.last.Hints = 0
	}
}

// began is when the agent started, by a clock that somebody has set ahead since.
func (k *statusKeeper) began(ahead int64) time.Time {
	if ahead < second && ahead > -second {
		return k.started
	}
	return k.started.Round(0).Add(time.Duration(ahead))
}

func (k *statusKeeper) remove() {
	os.Remove(k.file)
	k.offload.close()
}

// tellStatus makes an agent_status, offers it to every client, and writes status.json.
func (e *Engine) tellStatus() {
	for _, j := range e.port.Poll() {
		j.Done() // flows are the shards' to tell
	}
	k := &e.status
	k.mu.Lock()
	defer k.mu.Unlock()
	e.gather(&k.last)
	e.countClients(&k.last)
	e.findOffload(k)
	e.readNAT()
	e.watchAgent(&k.last, &k.offload)
	if e.port.Dialects().Has(event.V5) {
		e.tellNetwork(k)
	}
	k.buf = event.AppendStatus(k.buf[:0], event.V4, &k.last, false)
	for _, d := range []event.Dialect{event.V3, event.V4} {
		if e.port.Dialects().Has(d) {
			e.port.Offer(d, core.KindStatus, core.Wanted, k.buf)
		}
	}
	e.comeBack()
	err := file.Replace(k.file, k.buf, 0o640)
	switch {
	case err != nil && !k.unwritten:
		e.log.Warn().Err(err).Msg("status.json was not written, the capture goes on")
	case err == nil && k.unwritten:
		e.log.Info().Msg("status.json is written again")
	}
	k.unwritten = err != nil
}

// tellNetwork tells in dialect 5 how the agent does, and, in lines of their
// own, what is captured, which devices were seen and what was counted.
func (e *Engine) tellNetwork(k *statusKeeper) {
	st := &k.last
	tell := func(kind core.Kind, line []byte) {
		e.port.Offer(event.V5, kind, core.Wanted, line)
		k.buf = line[:0]
	}
	tell(core.KindInterfaces, event.AppendInterfaces(k.buf[:0], st.Interfaces))
	tell(core.KindEndpoints, event.AppendEndpoints(k.buf[:0], st.Devices))
	tell(core.KindInterfaceStats, event.AppendInterfaceStats(k.buf[:0], st.Interfaces))
	tell(core.KindGlobalStats, event.AppendGlobalStats(k.buf[:0], st.Interfaces))
	tell(core.KindStatus, event.AppendStatus(k.buf[:0], event.V5, st, false))
}

// gather fills in the counters of now.
func (e *Engine) gather(st *event.Status) {
	lookForwards()
	e.own.look()
	st.FlowsPrev, st.CPUUserPrev, st.CPUSystemPrev, st.MaxRSSPrev = st.Flows, st.CPUUser, st.CPUSystem, st.MaxRSS
	st.Timestamp, st.Uptime = time.Now().Unix(), uint64(time.Since(e.status.started)/time.Second)
	st.UpdateInterval = uint64(e.cfg.UpdateInterval / time.Second)
	st.CPUUser, st.CPUSystem, st.MaxRSS = resources()
	st.RSSPrev, st.RSS = st.RSS, resident(st.MaxRSS)
	evictedBefore := st.FlowsEvicted
	e.status.evictedBefore = st.FlowsEvicted
	st.Flows, st.FlowsEvicted, st.SlotsExhausted, st.FlowsUnanswered, st.FlowsUntold = 0, 0, 0, 0, 0
	ended := uint64(0)
	devices := map[[6]byte][]netip.Addr{}
	faults := uint64(0)
	for _, s := range e.shards {
		s.mu.Lock()
		st.Flows += uint64(s.table.Len())
		st.FlowsEvicted += s.table.Evicted
		st.SlotsExhausted += s.stats.SlotsExhausted
		st.FlowsUnanswered += s.stats.Unanswered
		st.FlowsUntold += s.stats.Untold
		ended += s.stats.Ended
		faults += s.stats.Faults
		s.seen.Drain(func(mac [6]byte, version uint8, addr [16]byte) {
			if a := flow.Addr(version, &addr); !slices.Contains(devices[mac], a) {
				devices[mac] = append(devices[mac], a)
			}
		})
		s.mu.Unlock()
	}
	st.FlowsPurged = ended - e.status.ended
	st.FlowsExpired = st.FlowsPurged - min(st.FlowsPurged, st.FlowsEvicted-evictedBefore)
	e.status.ended = ended
	if faults > e.status.faults {
		e.log.Error().Uint64("flows", faults-e.status.faults).Msg("a detector failed on the bytes of flows, which stay unknown: please report this")
		e.status.faults = faults
	}
	if st.Hints >= 0 {
		st.Hints = e.hints.Stats().Len
	}
	st.Devices = st.Devices[:0]
	for mac, addrs := range devices {
		st.Devices = append(st.Devices, event.Device{MAC: mac, Addresses: addrs})
	}
	st.Actions = nil
	if e.rules.Set() != nil {
		a := e.rules.Sum(time.Now().UnixNano())
		st.Actions = &event.ActionStatus{Rules: a.Rules, Active: a.Active, Flows: a.Living, Hits: a.Hits, Elements: a.Elements, Errors: a.Errors, Refused: a.Refused, Failing: a.Failing, Lost: a.Lost}
	}
	around := lookAround()
	e.tellOwn(around)
	st.Interfaces = st.Interfaces[:0]
	st.Capture = event.CaptureStatus{}
	for n, ifc := range e.ifaces {
		ifc.refresh(around)
		total := ifc.counters()
		st.Capture.Received += total.Received - total.Dropped
		st.Capture.Dropped += total.Dropped
		st.Capture.Freezes += total.Freezes
		if n := total.Corrupt - ifc.taken.Corrupt; n > 0 {
			e.log.Error().Str("interface", ifc.cfg.Name).Uint64("blocks", n).Msg("the kernel gave blocks of packets that could not be read to their end: please report this with the kernel's version, and use capture.method = \"socket\"")
		}
		is := event.InterfaceStatus{Name: ifc.cfg.Name, Role: ifc.cfg.Role.String(), MAC: ifc.mac, Addresses: ifc.addrs, Capture: captureType(ifc)}
		e.mu.Lock()
		is.State = ifc.stateNow()
		e.mu.Unlock()
		var sum ifaceStats
		for _, s := range e.byIface[n] {
			s.mu.Lock()
			sum.Add(&s.counts[n].InterfaceStats)
			s.counts[n] = ifaceStats{}
			s.mu.Unlock()
		}
		is.Stats = sum.InterfaceStats
		is.Stats.CaptureDropped = total.Dropped - ifc.taken.Dropped
		is.Stats.CaptureFiltered = total.Filtered - ifc.taken.Filtered
		is.Stats.PcapDrop = is.Stats.CaptureDropped
		ifc.taken = total
		st.Interfaces = append(st.Interfaces, is)
	}
}

// captureType is what dialect 5 calls the way that an interface is read: the
// kernel's packet ring, or another.
func captureType(ifc *iface) string {
	if ifc.cfg.File == "" && (ifc.cfg.Capture == "auto" || ifc.cfg.Capture == "ring") && runtime.GOOS == "linux" {
		return "tpv3"
	}
	return "pcap"
}

// counters of all sources that the interface has had.
func (i *iface) counters() core.Counters {
	total := i.before
	for _, src := range i.sources {
		c := src.Counters()
		total.Received += c.Received
		total.Dropped += c.Dropped
		total.Freezes += c.Freezes
		total.Filtered += c.Filtered
		total.Corrupt += c.Corrupt
	}
	return total
}

// past notes the counters of sources that are no more.
func (i *iface) past(c core.Counters) { i.before = c }
