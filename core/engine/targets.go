package engine

import (
	"fmt"

	"netifyd/core/action"
	"netifyd/core/action/nftset"
	"netifyd/core/config"
)

// openTarget opens what rules write into. Each kind is a case here and a folder
// of core/action.
func (e *Engine) openTarget(t *config.Target, labels string, stale func()) (action.Target, error) {
	common := action.Common{Name: t.Name, Stale: stale, Most: t.Size}
	switch t.Type {
	case "nftset":
		return nftset.Open(nftset.Settings{Common: common, Table: t.Table, TableFamily: t.Family, Set: t.Set, Family: t.SetFamily, Key: t.Elements,
			Managed: t.Managed, Empty: t.FlushOnDestroy, Interface: e.interfaceName})
	}
	return nil, fmt.Errorf("the type %s is not there", t.Type)
}

// interfaceName is the name of an interface by its number in flows.
func (e *Engine) interfaceName(n uint8) string {
	if int(n) < len(e.ifaces) {
		return e.ifaces[n].cfg.Name
	}
	return ""
}
