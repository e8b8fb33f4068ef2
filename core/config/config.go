// Package config turns a configuration file into a Config: TOML, or the INI
// form of netifyd 3 and 4. Everything has a default; what is wrong is refused
// with the file, the line and what would be right.
//
//	flags, err := ParseFlags(os.Args[1:])
//	cfg, warnings, err := Load(flags.ConfigPath)
//	err = Apply(flags, cfg) // cfg is now valid and resolved
//
// A reload does the same again and hands the result to Config.Adopt. Options is
// the one list of all keys: whatever reads or explains configuration uses it.
package config

import (
	"math/bits"
	"runtime"
	"time"
)

// Role of an interface.
type Role uint8

// Roles.
const (
	LAN Role = iota
	WAN
)

// String is the role as in agent_status.interfaces.
func (r Role) String() string {
	if r == WAN {
		return "WAN"
	}
	return "LAN"
}

// Interface is one capture.
type Interface struct {
	Name      string   // device; with File the tag that events carry
	File      string   // capture file to replay instead of the device; "-" is standard input
	Role      Role     //
	Addresses []string // -A: addresses and prefixes that count as ours here
	Filter    string   // -F: BPF filter in tcpdump's language
	Exclude   []string // addresses, prefixes and MAC addresses whose packets are never looked at here
	Peer      string   // -N: device whose addresses belong here too
	Group     string   // captures of one group may see the same packet twice; Resolve: Name for WAN, "lan" for LAN
	Capture   string   // "auto", "ring", "socket" (recvfrom), "gopacket"; Resolve: Config.Capture.Method
}

// Listener is one socket that serves the stream.
type Listener struct {
	Path    string   // UNIX socket
	Mode    uint32   // of Path; default 0660
	Group   string   // of Path; default "netifyd" where that group exists
	Address string   // TCP host; empty with Port set: all addresses, both families
	Port    uint16   // TCP; default 7150
	Dialect string   // "3", "4" or "5"
	Tables  string   // "full", "classic" or "none"; empty: as the dialect has it
	Allow   []string // TCP: addresses and prefixes that may connect, beside this machine itself
	Kinds   []string // of events; empty: all
}

// Capture is how packets are read from a device.
type Capture struct {
	Method      string        // "auto", "ring", "socket", "gopacket"
	RingKB      int           // bytes of ring an interface, in KiB; default 2048, on 32-bit systems 1024
	BlockKB     int           // bytes of a block of the ring, in KiB; default 128
	Timeout     time.Duration // after which a block that is not full is given; default 100 ms
	SnapLength  int           // bytes of a packet that are copied, at most; default 16384
	Promiscuous bool          // default true
	Exclude     []string      // addresses, prefixes and MAC addresses whose packets are never looked at
	Shards      int           // sockets and goroutines an interface; default 1
	Shunt       bool          // packets of long decided flows are counted in the kernel; default true
}

// Names of the files that the agent keeps in VolatileDir, beside the control socket.
const (
	PIDFile    = "netifyd.pid"
	StatusFile = "status.json"
)

// MaxInterfaces is how many a flow can tell apart: it holds their number in a byte.
const MaxInterfaces = 255

// ControlSocket is the name of the socket in VolatileDir that questions go to.
const ControlSocket = "control.sock"

// ControlOptions are how others ask the agent.
type ControlOptions struct {
	Enabled bool   // default true
	Group   string // may change something, beside root; default none
	Ubus    bool   // publish the answers on OpenWrt's bus where it is; default true
}

// UsageOptions are how bytes are counted by device and application.
type UsageOptions struct {
	Enabled bool     // default true
	Devices int      // devices told apart at a time; default 256
	Cells   int      // pairs of device and application in an hour; default 2048
	Hosts   int      // names of servers in a day; default 256, 0: none
	By      string   // "mac" or "ip"; default mac
	Exclude []string // MAC addresses of devices that are not told apart

	Names    []string // files that name devices
	RulesDir string   // of files that say what type a device is; default /etc/netifyd/devices.d

	Interval  time.Duration // between two bookings of a flow; default 5 s
	Period    string        // of accounting, as nlbwmon writes it; default "1"
	Timezone  string        // POSIX text or name; empty: the system's
	Directory string        // of the history; empty: that of the package, "none": memory only
	SizeKB    int           // of the history, in KiB; default 256
	Commit    time.Duration // between two writings of the history; default 1 h
	Days      int           // kept one by one; default 31
	Months    int           // periods kept; default 13

	QuotaKB       int           // of a period, in KiB; 0: none
	DeviceQuotaKB int           // of each device in a period
	Learn         time.Duration // how long the applications of a new device are no news; default 24 h
}

// Config is everything that can be set. Default gives every field's default.
type Config struct {
	Path  string         // where it was read from; empty: defaults
	Lines map[string]int // where keys as "action[0].times[1]" stand there, from 1; what is not there came from elsewhere

	Interfaces []Interface // empty: detected
	Listeners  []Listener
	Capture    Capture
	Usage      UsageOptions
	Control    ControlOptions
	Rules      ActionOptions
	Actions    []Action
	Targets    []Target
	Groups     []Group

	MaxFlows            int           // default 8192
	MaxDetectionPackets int           // default 32
	Slots               int           // reassembly slots; default 96
	Fragments           int           // IP datagrams being joined; default 16
	Hints               int           // DNS answers remembered; default 4096
	HintTTL             time.Duration // upper bound of an answer's life; default 30 min
	Clients             int           // of all listeners together; default 16
	ClientQueueKB       int           // default 512
	ClientTimeout       time.Duration // of a client that reads nothing, or is dead; default 30 s

	UpdateInterval time.Duration // agent_status and flow_stats; default 15 s
	IdleFlow       time.Duration // default 30 s
	IdleTCP        time.Duration // default 300 s
	IdleClosed     time.Duration // default 10 s

	UnknownFlows    bool // send flows whose protocol stays unknown; default true
	NamedCounters   bool // flow_stats and flow_purge of dialects 3 and 4 say what the flow is; default false
	DumpEstablished bool // give a new client every classified flow; default true
	PortGuess       bool // default true
	Checksums       bool // default false

	UUIDPath          string   // default /etc/netifyd/agent.uuid
	VolatileDir       string   // default /var/run/netifyd
	AppsDir           string   // default /etc/netifyd/apps.d
	DomainsDir        string   // default /etc/netifyd/domains.d
	Catalogue         string   // default: see cataloguePath; empty: the one built in
	User, Group       string   // to become after the sockets are open; empty: stay
	LogLevel          string   // debug, info, warn, error; default info
	LogFormat         string   // "text" or "json"; default text
	LogOutput         string   // "stderr" or "split"; default stderr
	DisabledProtocols []string // names
	DisabledRisks     []string // names or numbers, or "all"
}

// defaultRingKB is half as much on 32-bit systems: these are the routers with
// little memory, and slower lines fill it.
const defaultRingKB = 1024 * bits.UintSize / 32

// cataloguePath is where the package of a newer catalogue puts it on a system.
func cataloguePath(system string) string {
	if system == "freebsd" {
		return "/usr/local/share/netifyd/catalogue.bin" // hier(7): what no part of the system brought
	}
	return "/usr/share/netifyd/catalogue.bin"
}

// Default is the configuration of an agent without a file.
func Default() *Config {
	return &Config{
		Listeners: []Listener{{Path: "/var/run/netifyd/netifyd.sock", Mode: defaultMode, Dialect: defaultDialect}},
		Capture: Capture{Method: "auto", RingKB: defaultRingKB, BlockKB: 128, Timeout: 100 * time.Millisecond,
			SnapLength: 16384, Promiscuous: true, Shards: 1, Shunt: true},
		Usage: UsageOptions{Enabled: true, Devices: 256, Cells: 2048, Hosts: 256, By: "mac", Interval: 5 * time.Second, Period: "1", SizeKB: 256, Commit: time.Hour, Days: 31, Months: 13, Learn: 24 * time.Hour, RulesDir: "/etc/netifyd/devices.d",
			Names: []string{"/etc/config/dhcp", "/tmp/dhcp.leases", "/tmp/hosts/odhcpd", "/var/lib/misc/dnsmasq.leases", "/etc/ethers", "/etc/hosts"}},
		Control:  ControlOptions{Enabled: true, Ubus: true},
		Rules:    ActionOptions{Enabled: true, Reprocess: true, GroupsDir: "/etc/netifyd/address-groups.d", Queue: 1024},
		MaxFlows: 8192, MaxDetectionPackets: 32, Slots: 96, Fragments: 16,
		Hints: 4096, HintTTL: 30 * time.Minute, Clients: 16, ClientQueueKB: 512, ClientTimeout: 30 * time.Second,
		UpdateInterval: 15 * time.Second, IdleFlow: 30 * time.Second, IdleTCP: 300 * time.Second, IdleClosed: 10 * time.Second,
		UnknownFlows: true, DumpEstablished: true, PortGuess: true,
		UUIDPath: "/etc/netifyd/agent.uuid", VolatileDir: "/var/run/netifyd",
		AppsDir: "/etc/netifyd/apps.d", DomainsDir: "/etc/netifyd/domains.d", Catalogue: cataloguePath(runtime.GOOS),
		LogLevel: "info", LogFormat: "text", LogOutput: "stderr",
	}
}
