package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	known "netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query/querytest"
	"netifyd/core/usage"
)

// countedHouse is a house with the usage of two devices, one of which has a hostile name.
type countedHouse struct {
	*querytest.Still
	table *usage.Table
}

func (h *countedHouse) Usage() *usage.Table { return h.table }

func newCountedHouse() *countedHouse {
	h := &countedHouse{querytest.House(), usage.New(known.New(known.Options{Devices: 8}), usage.Options{Cells: 64, Hosts: 16})}
	d := h.table.Devices
	d.Lock()
	defer d.Unlock()
	for mac := byte(1); mac < 3; mac++ {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: 133, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, Bytes: [2]uint64{7, 1000 * uint64(mac)}}
		h.table.End(r, &usage.Where{Addresses: flow.NewAddresses(nil, nil)}, 1)
	}
	d.Rename(d.Find([6]byte{0, 0, 0, 0, 0, 1}), `tv "\ two`)
	return h
}

func TestMetrics(t *testing.T) {
	c := answering(t, newCountedHouse())
	var out bytes.Buffer
	if err := runFace(c, "metrics", nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# TYPE netifyd_flows gauge\nnetifyd_flows 3\n", `netifyd_build_info{version="1"} 1`,
		`netifyd_device_bytes_total{device="00:00:00:00:00:01",name="tv \"\\ two",direction="down"} 1000`, `netifyd_device_bytes_total{device="00:00:00:00:00:02",name="",direction="up"} 7`,
		`netifyd_application_bytes_total{application="netflix",direction="down"} 3000`, `netifyd_application_bytes_total{application="others",direction="up"} 0`, "netifyd_devices 2\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	// The format: each family once, its samples behind it, every line one of three kinds.
	sample := regexp.MustCompile(`^netifyd_[a-z_]+(\{([a-z]+="([^"\\]|\\\\|\\")*",?)+\})? [0-9.e+-]+$`)
	family, seen := "", map[string]bool{}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		words := strings.SplitN(line, " ", 4)
		switch {
		case strings.HasPrefix(line, "# HELP "):
			if family = words[2]; seen[family] {
				t.Errorf("%s comes twice", family)
			}
			seen[family] = true
		case strings.HasPrefix(line, "# TYPE "):
			if words[2] != family || strings.HasSuffix(family, "_total") != (words[3] == "counter") {
				t.Errorf("%s in family %s", line, family)
			}
		case !sample.MatchString(line) || !strings.HasPrefix(line, family):
			t.Errorf("%q in family %s", line, family)
		}
	}
	// Without usage there is less, and no error.
	out.Reset()
	if err := runFace(answering(t, querytest.House()), "metrics", nil, &out); err != nil || strings.Contains(out.String(), "device_bytes") {
		t.Error(err, out.String())
	}
	if err := runFace(c, "metrics", []string{"all"}, &out); err == nil {
		t.Error("an argument is taken")
	}
}
