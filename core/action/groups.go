package action

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netifyd/core/config"
	"netifyd/core/expr"
	"netifyd/core/file"
)

// Groups are the addresses that rules name: groups of the configuration and of
// files, devices by their names, and devices by what they used. The latter two
// change as time goes; Refresh tells.
type Groups struct {
	named   map[string]*named
	devices map[string]*expr.Group // by name in lower case
	used    map[quota]*expr.Group
}

// named is a group with a name.
type named struct {
	group   *expr.Group
	macs    [][6]byte
	nets    []netip.Prefix
	devices []string // names, in lower case
}

type quota struct {
	span  string
	bytes uint64
}

// Device is what is known of a device at this moment.
type Device struct {
	MAC           [6]byte
	ByMAC         bool
	Addresses     []netip.Addr // where it is known by address
	Names         []string     // in lower case
	Today, Period uint64       // bytes both ways, to and from the Internet
}

func newGroups() *Groups {
	return &Groups{named: map[string]*named{}, devices: map[string]*expr.Group{}, used: map[quota]*expr.Group{}}
}

// get is the group of a tag; nil: there is none.
func (g *Groups) get(tag string) *expr.Group {
	if n := g.named[strings.ToLower(tag)]; n != nil {
		return n.group
	}
	return nil
}

// device is the group of one that goes by a name.
func (g *Groups) device(name string) *expr.Group {
	name = strings.ToLower(name)
	if g.devices[name] == nil {
		g.devices[name] = expr.NewGroup(nil)
	}
	return g.devices[name]
}

// moreThan is the group of devices that used more.
func (g *Groups) moreThan(span string, bytes uint64) *expr.Group {
	q := quota{span, bytes}
	if g.used[q] == nil {
		g.used[q] = expr.NewGroup(nil)
	}
	return g.used[q]
}

// add makes a group. Its members were not checked: at is that which is wrong.
func (g *Groups) add(tag string, members []string) (at int, err error) {
	tag = strings.ToLower(tag)
	n := g.named[tag]
	if n == nil {
		n = &named{group: expr.NewGroup(nil)}
		g.named[tag] = n
	}
	for at, text := range members {
		mac, net, ok := expr.ParseMember(text)
		switch {
		case !ok && strings.ContainsAny(text, "/:@"):
			return at, fmt.Errorf("%q is no address, prefix or MAC address", text)
		case !ok:
			n.devices = append(n.devices, strings.ToLower(text))
		case net.IsValid():
			n.nets = append(n.nets, net)
		default:
			n.macs = append(n.macs, mac)
		}
	}
	if len(n.macs)+len(n.nets) > expr.MaxMembers {
		return 0, fmt.Errorf("more than %d members", expr.MaxMembers)
	}
	n.group.Set(expr.NewMembers(n.macs, n.nets))
	return 0, nil
}

// dynamic says that members of groups may change as time goes.
func (g *Groups) dynamic() bool {
	for _, n := range g.named {
		if len(n.devices) > 0 {
			return true
		}
	}
	return len(g.devices)+len(g.used) > 0
}

// refresh puts the devices of this moment into the groups. changed says that one
// has others than before, shrunk that one has fewer.
func (g *Groups) refresh(devices []Device) (changed, shrunk bool) {
	set := func(group *expr.Group, m *expr.Members) {
		before := group.Len()
		if group.Set(m) {
			changed, shrunk = true, shrunk || group.Len() <= before
		}
	}
	names := map[string][]*Device{}
	for i := range devices {
		for _, name := range devices[i].Names {
			names[name] = append(names[name], &devices[i])
		}
	}
	members := func(macs [][6]byte, nets []netip.Prefix, list ...*Device) *expr.Members {
		macs, nets = slices.Clone(macs), slices.Clone(nets)
		for _, d := range list {
			if d.ByMAC {
				macs = append(macs, d.MAC)
				continue
			}
			for _, a := range d.Addresses {
				nets = append(nets, netip.PrefixFrom(a, a.BitLen()))
			}
		}
		return expr.NewMembers(macs, nets)
	}
	for _, n := range g.named {
		if len(n.devices) == 0 {
			continue
		}
		var list []*Device
		for _, name := range n.devices {
			list = append(list, names[name]...)
		}
		set(n.group, members(n.macs, n.nets, list...))
	}
	for name, group := range g.devices {
		set(group, members(nil, nil, names[name]...))
	}
	for q, group := range g.used {
		var list []*Device
		for i := range devices {
			d := &devices[i]
			if map[string]uint64{"today": d.Today, "period": d.Period}[q.span] > q.bytes {
				list = append(list, d)
			}
		}
		set(group, members(nil, nil, list...))
	}
	return changed, shrunk
}

// size is about the memory of the groups.
func (g *Groups) size() (n int) {
	for _, x := range g.named {
		n += 2 * x.group.Size()
	}
	for _, x := range g.devices {
		n += x.Size()
	}
	for _, x := range g.used {
		n += x.Size()
	}
	return n
}

// maxGroups is how many bytes the files of groups may have together. Two sets of
// rules hold what is in them during a reload.
const maxGroups = 2 << 20

// memberBytes is what a byte of such a file takes, about: an address is kept as
// it was given, and by the length of its prefix.
const memberBytes = 8

// groupFiles are the files of groups in a directory, and what they have together, in bytes.
func groupFiles(dir string) (files []string, size int64) {
	if dir == "" {
		return nil, 0
	}
	files, _ = filepath.Glob(filepath.Join(dir, "*.conf"))
	slices.Sort(files)
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
	}
	return files, size
}

// load reads the files NN-TAG.conf of a directory: one address, prefix or
// MAC address a line. A directory that is not there has none.
func (g *Groups) load(dir string) (errs config.Errors) {
	files, _ := groupFiles(dir)
	left := maxGroups
	for _, path := range files {
		text, err := file.Read(path, maxFile)
		if left -= len(text); err == nil && left < 0 {
			return append(errs, &config.Error{Path: path, Text: fmt.Sprintf("the files of groups have more than %d MiB together: take some away", maxGroups>>20)})
		}
		if err != nil {
			errs = append(errs, &config.Error{Path: path, Text: err.Error()})
			continue
		}
		tag := strings.TrimSuffix(filepath.Base(path), ".conf")
		tag = strings.TrimLeft(strings.TrimLeft(tag, "0123456789"), "-")
		line := 0
		var members []string
		for text := range strings.Lines(string(text)) {
			line++
			text, _, _ = strings.Cut(text, "#")
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			if _, _, ok := expr.ParseMember(text); !ok {
				errs = append(errs, &config.Error{Path: path, Line: line, Text: fmt.Sprintf("%q is no address, prefix or MAC address", cut(text))})
				break
			}
			members = append(members, text)
		}
		if _, err := g.add(tag, members); err != nil {
			errs = append(errs, &config.Error{Path: path, Text: err.Error()})
		}
	}
	return errs
}

// cut shortens what a message quotes.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
