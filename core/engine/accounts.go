package engine

import (
	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/usage"
)

// tellUsage tells those who asked what was used in the hours that have closed.
// It is called before these are written, since they are gone then.
func (e *Engine) tellUsage() {
	k := &e.keeper
	k.closed = e.usage.Untold(k.closed[:0])
	if len(k.closed) == 0 || !e.port.Wants(event.V5, core.KindUsage) {
		return
	}
	usage.Records(k.closed, func(r *usage.Record) {
		line := event.Usage{Start: r.Start, Seconds: r.Seconds, Complete: r.Marks&usage.Complete != 0, Estimated: r.Marks&usage.EstimatedIn != 0, Lossy: r.Marks&usage.Lossy != 0}
		for i := range r.Entries {
			if r.Entries[i].Label == usage.Peer {
				continue // the same bytes as of the near device
			}
			if len(line.Rows) == event.MaxUsageRows {
				line.More = true
				e.offerUsage(&line)
				line.Rows = line.Rows[:0]
			}
			line.Rows = append(line.Rows, e.usageRow(&r.Entries[i]))
		}
		line.More = false
		if len(line.Rows) > 0 {
			e.offerUsage(&line)
		}
	})
}

func (e *Engine) offerUsage(line *event.Usage) {
	k := &e.keeper
	k.seq++
	line.Seq = k.seq
	k.line = event.AppendUsage(k.line[:0], line)
	e.port.Offer(event.V5, core.KindUsage, core.Wanted, k.line)
}

func (e *Engine) usageRow(x *usage.Entry) event.UsageRow {
	row := event.UsageRow{Application: x.Label.App(), Label: x.Label.Name(e.apps.Tag), Scope: x.Label.Sum().String(), LocalBytes: x.Up, OtherBytes: x.Down, Flows: x.Flows}
	if id, ok := x.Label.Protocol(); ok {
		row.Protocol = uint32(id)
	}
	d := e.usage.Devices
	d.Lock()
	defer d.Unlock()
	id := d.ByNumber(x.Device)
	row.Device = d.Text(id)
	if dev := d.At(id); dev != nil {
		for _, a := range dev.Addresses(nil) {
			if a.Is4() {
				row.LocalIP = a.String()
			}
		}
	}
	return row
}
