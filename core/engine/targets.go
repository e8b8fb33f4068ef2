package engine

import (
	"cmp"
	"fmt"
	"strings"

	"netifyd/core/action"
	"netifyd/core/action/ctlabel"
	"netifyd/core/action/ctmark"
	"netifyd/core/action/ctreset"
	"netifyd/core/action/ipset"
	"netifyd/core/action/log"
	"netifyd/core/action/nftset"
	"netifyd/core/action/pftable"
	"netifyd/core/config"
	"netifyd/core/expr"
	"netifyd/core/proto"
)

// openTarget opens what rules write into. Each kind is a case here and in
// settings, and a folder of core/action.
func (e *Engine) openTarget(t *config.Target, labels string, stale func()) (action.Target, error) {
	if !action.Built {
		return nil, action.ErrUnbuilt
	}
	s, err := e.settings(t, labels, stale)
	if err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case nftset.Settings:
		return nftset.Open(s)
	case ipset.Settings:
		return ipset.Open(s)
	case pftable.Settings:
		return pftable.Open(s)
	case log.Settings:
		return log.Open(s)
	case ctlabel.Settings:
		return ctlabel.Open(s)
	case ctmark.Settings:
		return ctmark.Open(s)
	}
	return ctreset.Open(ctreset.Settings{Common: action.Common{Name: t.Name, Stale: stale, Most: t.Size}})
}

// checkTarget says what is wrong with the settings of a target, without opening it.
func checkTarget(t *config.Target) error {
	if !action.Built {
		return nil
	}
	s, err := (&Engine{cfg: &config.Config{}}).settings(t, "", nil)
	if err != nil || s == nil {
		return err
	}
	return s.Check()
}

// settings are those of a target as its folder has them; nil: it has none.
func (e *Engine) settings(t *config.Target, labels string, stale func()) (interface{ Check() error }, error) {
	if !action.Built {
		return nil, action.ErrUnbuilt
	}
	common := action.Common{Name: t.Name, Stale: stale, Most: t.Size}
	switch t.Type {
	case "nftset":
		return nftset.Settings{Common: common, Table: t.Table, TableFamily: t.Family, Set: t.Set, Family: t.SetFamily, Key: t.Elements,
			Mark: t.Mark, Hold: t.Hold, Managed: t.Managed, Empty: t.FlushOnDestroy, Interface: e.interfaceName}, nil
	case "ipset":
		s := ipset.Settings{Common: common, Set: t.Set, Family: t.SetFamily, SkbMark: t.SkbMark, SkbMask: t.SkbMask, SkbQueue: uint16(t.SkbQueue), Hold: t.Hold, Managed: t.Managed, Empty: t.FlushOnDestroy}
		if len(t.Elements) > 0 {
			s.Type = strings.Join(t.Elements, ",")
		}
		if t.SkbPrio != "" {
			prio, err := ipset.Class(t.SkbPrio)
			if err != nil {
				return nil, err
			}
			s.SkbPrio = prio
		}
		return s, nil
	case "pftable":
		s := pftable.Settings{Common: common, Table: t.Table, Family: t.SetFamily, Hold: t.Hold, Managed: t.Managed, Empty: t.FlushOnDestroy, Alone: t.FlushOnCreate}
		if len(t.Elements) > 0 {
			s.Address = strings.Join(t.Elements, " ")
		}
		if anchor, table, ok := cutLast(t.Table, "/"); ok {
			s.Anchor, s.Table = anchor, table
		}
		return s, nil
	case "log":
		return log.Settings{Common: common, Directory: cmp.Or(t.Path, e.cfg.VolatileDir), Prefix: t.Prefix, Suffix: t.Suffix, Interval: t.Interval,
			Rule: func(n int) string { return e.rules.RuleName(n) }, Interface: func(n int) string { return e.interfaceName(uint8(n)) },
			Application: func(n int) string { return e.tagOf(uint32(n)) }, Protocol: func(n int) string { return proto.ID(n).Name() }}, nil
	case "ctlabel":
		return ctlabel.Settings{Common: common, Labels: t.Labels, File: labels, Auto: t.AutoLabel, Managed: t.Managed || t.FlushOnDestroy, Alone: t.FlushOnCreate,
			Application: e.tagOf, Protocol: func(n uint32) string { return proto.ID(n).Name() }}, nil
	case "ctmark":
		return ctmark.Settings{Common: common, Mark: t.Mark, Mask: t.Mask, Shift: uint8(t.Shift), Managed: t.Managed || t.FlushOnDestroy, Alone: t.FlushOnCreate}, nil
	case "reset":
		return nil, nil
	}
	return nil, fmt.Errorf("the type %s is not there", t.Type)
}

// cutLast parts a text at the last separator.
func cutLast(s, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(separator):], true
}

// tagOf is the tag of an application of the newest catalogue, without what all begin with.
func (e *Engine) tagOf(id uint32) string {
	e.status.mu.Lock()
	apps := e.apps
	e.status.mu.Unlock()
	return expr.BareTag(apps.Tag(id))
}

// interfaceName is the name of an interface by its number in flows.
func (e *Engine) interfaceName(n uint8) string {
	if int(n) < len(e.ifaces) {
		return e.ifaces[n].cfg.Name
	}
	return ""
}
