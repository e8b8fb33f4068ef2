package sink_test

import (
	"bytes"
	"errors"
	"testing"

	"netifyd/core"
	"netifyd/core/event"
	"netifyd/core/sink"
)

func TestWriter(t *testing.T) {
	var all, some bytes.Buffer
	a, s := sink.NewWriter(&all, event.V4), sink.NewWriter(&some, event.V4, core.KindFlow, core.KindFlowPurge)
	for _, out := range []*sink.Writer{a, s} {
		if out.Poll() != nil || !out.Dialects().Has(event.V4) || out.Dialects().Has(event.V3) {
			t.Errorf("dialects %b", out.Dialects())
		}
		out.Offer(event.V4, core.KindFlow, core.Wanted, []byte("flow\n"))
		out.Offer(event.V3, core.KindFlow, core.Wanted, []byte("other dialect\n"))
		out.Offer(event.V4, core.KindStatus, core.Wanted, []byte("status\n"))
		out.Offer(event.V4, core.KindFlowPurge, core.Wanted, []byte("purge\n"))
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	}
	if all.String() != "flow\nstatus\npurge\n" || some.String() != "flow\npurge\n" {
		t.Errorf("%q, %q", all.String(), some.String())
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterTellsWhyItLost(t *testing.T) {
	w := sink.NewWriter(full{}, event.V4)
	if w.Offer(event.V4, core.KindFlow, core.Wanted, make([]byte, 1<<20)) {
		t.Error("a lost line was not told")
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}
