package engine

import (
	"fmt"

	"netifyd/core/action"
	"netifyd/core/action/ctlabel"
	"netifyd/core/action/ctmark"
	"netifyd/core/action/ctreset"
	"netifyd/core/action/nftset"
	"netifyd/core/config"
	"netifyd/core/expr"
	"netifyd/core/proto"
)

// openTarget opens what rules write into. Each kind is a case here and a folder
// of core/action.
func (e *Engine) openTarget(t *config.Target, labels string, stale func()) (action.Target, error) {
	common := action.Common{Name: t.Name, Stale: stale, Most: t.Size}
	switch t.Type {
	case "nftset":
		return nftset.Open(nftset.Settings{Common: common, Table: t.Table, TableFamily: t.Family, Set: t.Set, Family: t.SetFamily, Key: t.Elements,
			Managed: t.Managed, Empty: t.FlushOnDestroy, Interface: e.interfaceName})
	case "ctlabel":
		return ctlabel.Open(ctlabel.Settings{Common: common, Labels: t.Labels, File: labels, Auto: t.AutoLabel, Managed: t.Managed,
			Application: e.tagOf, Protocol: func(n uint32) string { return proto.ID(n).Name() }})
	case "ctmark":
		return ctmark.Open(ctmark.Settings{Common: common, Mark: t.Mark, Mask: t.Mask, Shift: uint8(t.Shift), Managed: t.Managed})
	case "reset":
		return ctreset.Open(ctreset.Settings{Common: common})
	}
	return nil, fmt.Errorf("the type %s is not there", t.Type)
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
