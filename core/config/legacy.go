package config

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"netifyd/core/proto"
)

// maxLegacyRing and maxLegacyBlock bound the ring that an INI file asks for:
// netifyd's own 64 blocks of 4 MiB for each interface are more than many
// routers have.
const (
	maxLegacyRing  = 8192 // KiB
	maxLegacyBlock = 1024 // KiB
)

// legacyRule is a key of netifyd's INI file that Option.Legacy does not cover.
type legacyRule struct {
	key      string // section.name
	now      string // key that has taken its place; "" if none has
	harmless string // values that ask for what is the case anyway, separated by blanks; "*": all
	why      string // what to say of other values, where apply is nil
	apply    func(l *legacy, p pair)
}

// legacyRules in alphabetical order of sections. A rule whose name is * stands
// for all the other names of its section.
var legacyRules = []legacyRule{
	{key: "capture.read_timeout", now: "capture.timeout", apply: (*legacy).readTimeout},
	{key: "capture.tpv3_fanout_flags", harmless: "0 none", why: "the fanout is fixed"},
	{key: "capture.tpv3_fanout_mode", harmless: "hash", why: "the fanout is always by flow; capture.shards says over how many"},
	{key: "capture.tpv3_rb_block_size", now: "capture.block", apply: (*legacy).blockSize},
	{key: "capture.tpv3_rb_blocks", now: "capture.ring", apply: (*legacy).blocks},
	{key: "capture.tpv3_rb_frame_size", harmless: "*"},
	{key: "capture.type", now: "capture.method", apply: (*legacy).captureType},
	{key: "dns_hint_cache.enable", now: "hints.max", apply: (*legacy).hintCache},
	{key: "dns_hint_cache.save", harmless: "no 0 false none disabled", why: "DNS answers are kept in memory only"},
	{key: "flow_hash_cache.*", harmless: "*"},
	{key: "netify_api.enable_updates", harmless: "no 0 false", why: "the agent contacts nobody"},
	{key: "netify_api.*", harmless: "*"},
	{key: "netifyd.capture_unknown_flows", harmless: "no 0 false", why: "the agent keeps no packets"},
	{key: "netifyd.enable_sink", harmless: "no 0 false", why: "there is no upload; read the events from a listener"},
	{key: "netifyd.export_json", harmless: "no 0 false", why: "there is no file of events; read them from a listener"},
	{key: "netifyd.flow_map_buckets", harmless: "*"},
	{key: "netifyd.json_save", harmless: "no 0 false", why: "there is no file of events; read them from a listener"},
	{key: "netifyd.load_domains", harmless: "yes 1 true", why: "set applications.domains_dir to \"\" in TOML"},
	{key: "netifyd.max_backlog_kb", harmless: "*"},
	{key: "netifyd.max_flows", now: "flows.max", apply: (*legacy).maxFlows},
	{key: "netifyd.max_packet_queue_kb", harmless: "*"},
	{key: "netifyd.max_tcp_pkts", now: "detection.max_packets", why: "detection.max_packets holds for TCP and UDP; its default is kept"},
	{key: "netifyd.max_udp_pkts", now: "detection.max_packets", why: "detection.max_packets holds for TCP and UDP; its default is kept"},
	{key: "netifyd.path_uuid_serial", harmless: "*"},
	{key: "netifyd.path_uuid_site", harmless: "*"},
	{key: "netifyd.sink_max_post_errors", harmless: "*"},
	{key: "netifyd.soft_dissectors", harmless: "yes 1 true", why: "there are no soft dissectors to switch off"},
	{key: "netifyd.ssl_use_tlsv1", harmless: "*"},
	{key: "netifyd.ssl_verify", harmless: "*"},
	{key: "netifyd.ssl_verify_peer", harmless: "*"},
	{key: "netifyd.upload_connect_timeout", harmless: "*"},
	{key: "netifyd.upload_nat_flows", harmless: "*"},
	{key: "netifyd.upload_timeout", harmless: "*"},
	{key: "netifyd.url_sink", harmless: "*"},
	{key: "netifyd.uuid", now: "agent.uuid_path", harmless: "00-00-00-00", why: "the agent's identifier comes from the file agent.uuid_path"},
	{key: "netifyd.uuid_serial", harmless: "- 00-00-00-00", why: "the agent has one identifier"},
	{key: "netifyd.uuid_site", harmless: "- 00-00-00-00", why: "the agent has one identifier"},
	{key: "plugin_detections.*", why: "plug-ins of netifyd cannot be loaded"},
	{key: "plugin_services.*", why: "plug-ins of netifyd cannot be loaded"},
	{key: "plugin_stats.*", why: "plug-ins of netifyd cannot be loaded"},
	{key: "plugin_tasks.*", why: "plug-ins of netifyd cannot be loaded"},
	{key: "privacy_filter.private_external_addresses", harmless: "no 0 false", why: "nothing is hidden; what an interface's filter leaves out is never looked at"},
	{key: "privacy_filter.*", why: "nothing is hidden; what an interface's filter leaves out is never looked at"},
	{key: "protocols.*", now: "detection.disabled", apply: (*legacy).protocol},
	{key: "sink_headers.*", why: "there is no upload"},
	{key: "socket.listen_address", now: "listen.address", apply: (*legacy).listen},
	{key: "socket.listen_path", now: "listen.path", apply: (*legacy).listen},
	{key: "socket.listen_port", now: "listen.port", apply: (*legacy).listen},
	{key: "threads.*", harmless: "-1", why: "threads are not bound to processors"},
	{key: "watches.*", why: "files are read again on HUP only"},
}

// legacy gathers what several keys say together.
type legacy struct {
	r                *reader
	listeners        map[string]*Listener // by "path" or "tcp" and number
	blockKB, nBlocks int
	ringLine         int
	disabled         map[proto.ID]bool
	all              string // of [protocols] ALL
}

func (l *legacy) pair(p pair) {
	if o := fromLegacyKey(p.key()); o != nil {
		l.r.lines[o.Key()] = p.line
		if !o.put(l.r.cfg, 0, p.value) {
			l.wrong(p, o.Want())
		}
		return
	}
	rule := findRule(p)
	switch {
	case rule == nil && strings.HasPrefix(p.section, "capture-interface-"):
		l.r.warn(p.line, "%s: interfaces of netifyd 5 are not read: give -I or -E, or write [[interface]] in %s", p.said(), DefaultPath)
	case rule == nil:
		l.r.warn(p.line, "%s: unknown key, ignored", p.said())
	case rule.apply != nil:
		rule.apply(l, p)
	case rule.harmless == "*" || slices.Contains(strings.Fields(rule.harmless), strings.ToLower(p.value)) || p.value == "":
	default:
		l.r.warn(p.line, "%s = %s: ignored: %s", p.said(), plain(p.value), rule.why)
	}
}

func (l *legacy) wrong(p pair, want string) {
	l.r.fail(p.key(), p.line, "%s is %q: want %s", p.said(), p.value, want)
}

func fromLegacyKey(key string) *Option {
	for i := range Options {
		if Options[i].Legacy == key {
			return &Options[i]
		}
	}
	return nil
}

func findRule(p pair) *legacyRule {
	i := slices.IndexFunc(legacyRules, func(r legacyRule) bool { return r.key == p.key() || r.key == p.section+".*" })
	if i < 0 {
		return nil
	}
	return &legacyRules[i]
}

// number reads a whole number between low and high.
func (l *legacy) number(p pair, low, high int) (int, bool) {
	n, err := strconv.Atoi(p.value)
	if err != nil || n < low || n > high {
		l.wrong(p, fmt.Sprintf("a whole number from %d to %d", low, high))
		return 0, false
	}
	return n, true
}

func (l *legacy) readTimeout(p pair) {
	if n, ok := l.number(p, 1, 10000); ok {
		l.r.cfg.Capture.Timeout = time.Duration(n) * time.Millisecond
	}
}

func (l *legacy) captureType(p pair) {
	switch strings.ToLower(p.value) {
	case "auto":
	case "tpv3":
		l.r.cfg.Capture.Method = "ring"
	case "pcap":
		l.r.warn(p.line, "%s = pcap: there is no libpcap here: auto is taken", p.said())
	default:
		l.wrong(p, `"auto", "pcap" or "tpv3"`)
	}
}

func (l *legacy) hintCache(p pair) {
	on, ok := parseBool(p.value)
	if !ok {
		l.wrong(p, "yes or no")
	} else if !on {
		l.r.cfg.Hints = 0
	}
}

func (l *legacy) maxFlows(p pair) {
	if p.value == "0" {
		l.r.warn(p.line, "%s = 0: the number of flows is never without limit: %d is taken", p.said(), l.r.cfg.MaxFlows)
		return
	}
	if o := Find("flows", "max"); !o.put(l.r.cfg, 0, p.value) {
		l.wrong(p, o.Want())
	}
}

func (l *legacy) blockSize(p pair) {
	if n, ok := l.number(p, 4096, 1<<30); ok {
		l.blockKB, l.ringLine = n/1024, p.line
	}
}

func (l *legacy) blocks(p pair) {
	if n, ok := l.number(p, 1, 1<<20); ok {
		l.nBlocks, l.ringLine = n, p.line
	}
}

// ring makes the ring that was asked for, within bounds.
func (l *legacy) ring() {
	if l.ringLine == 0 {
		return
	}
	block, n := cmp.Or(l.blockKB, 4096), cmp.Or(l.nBlocks, 64)
	asked := block * n
	size := min(block, maxLegacyBlock)
	ring := max(2*size, min(asked, maxLegacyRing)/size*size)
	l.r.cfg.Capture.BlockKB, l.r.cfg.Capture.RingKB = size, ring
	l.r.lines["capture.block"], l.r.lines["capture.ring"] = l.ringLine, l.ringLine
	if asked != ring {
		l.r.warn(l.ringLine, "[capture] asks for a ring of %s an interface: %s in blocks of %s is taken; larger ones can be set in TOML",
			sizeText(asked), sizeText(ring), sizeText(size))
	}
}

func (l *legacy) listen(p pair) {
	kind := "tcp"
	if p.name == "listen_path" {
		kind = "path"
	}
	id := fmt.Sprintf("%s%05d", kind, max(p.index, 0))
	s := l.listeners[id]
	if s == nil {
		s = &Listener{Dialect: defaultDialect}
		l.listeners[id] = s
		l.r.lines[id] = p.line
	}
	switch p.name {
	case "listen_path":
		s.Path, s.Mode = p.value, defaultMode
	case "listen_address":
		s.Address = p.value
	case "listen_port":
		s.Port = defaultPort
		if n, ok := l.number(p, 1, 65535); ok {
			s.Port = uint16(n)
		}
	}
}

func (l *legacy) protocol(p pair) {
	value := strings.ToLower(p.value)
	if value != "include" && value != "exclude" {
		l.wrong(p, "include or exclude")
		return
	}
	if p.name == "all" {
		l.all = value
		return
	}
	id, ok := proto.Parse(p.name)
	if n, err := strconv.ParseUint(p.name, 10, 16); err == nil {
		id = proto.ID(n)
		ok = id.Name() != proto.ID(0).Name()
	}
	if !ok {
		l.r.warn(p.line, "%s: no such protocol here, ignored: %s", p.said(), hintProtocol(p.name))
		return
	}
	if l.disabled == nil {
		l.disabled = map[proto.ID]bool{}
	}
	l.disabled[id] = value == "exclude"
}

// finish is for what several keys say together.
func (l *legacy) finish() {
	l.ring()
	if len(l.listeners) > 0 {
		l.r.cfg.Listeners = nil
	}
	ids := make([]string, 0, len(l.listeners))
	for id := range l.listeners {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for i, id := range ids {
		l.r.cfg.Listeners = append(l.r.cfg.Listeners, *l.listeners[id])
		l.r.lines[fmt.Sprintf("listen[%d]", i)] = l.r.lines[id]
	}
	proto.All(func(id proto.ID, name string) {
		off, said := l.disabled[id]
		if id != 0 && (off || !said && l.all == "exclude") {
			l.r.cfg.DisabledProtocols = append(l.r.cfg.DisabledProtocols, name)
		}
	})
}
