package action

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"netifyd/core/config"
)

// target reads a target of the original's JSON, over the defaults of its type.
func (r *jsonReader) target(m member, defaults map[string][]member) {
	place := "targets." + cut(m.key)
	own := r.object(place, m)
	kind := ""
	for _, k := range own {
		if k.key == "target_type" {
			kind = strings.ToLower(text(k.value))
		}
	}
	t := config.NewTarget()
	t.Name, t.Line, t.Type = m.key, r.line(m.at), kind
	if !slices.Contains(config.TargetTypes, kind) {
		if kind == "sink" {
			r.warn(m.at, "%s: the type sink is not there: events are read from a listener", place)
		} else {
			r.warn(m.at, "%s: target_type %q is none of %s: the target is left out", place, cut(kind), strings.Join(config.TargetTypes, ", "))
		}
		t.Type, t.Enabled = "log", false
		r.doc.Targets = append(r.doc.Targets, t)
		return
	}
	for _, list := range [][]member{defaults[kind], own} {
		for _, k := range list {
			r.setting(place, k, &t)
		}
	}
	if t.TTL > 0 { // there it is a safety net for elements that the end of a flow takes out
		t.Hold = false
	}
	r.doc.Targets = append(r.doc.Targets, t)
}

func (r *jsonReader) setting(place string, k member, t *config.Target) {
	key, value := place+"."+k.key, text(k.value)
	number := func(most uint64) uint64 {
		digits, base := strings.ToLower(value), 10
		if rest, ok := strings.CutPrefix(digits, "0x"); ok {
			digits, base = rest, 16
		}
		n, err := strconv.ParseUint(digits, base, 64)
		if err != nil || n > most {
			r.fail(k.at, "%s is %s: want a whole number from 0 to %d", key, cut(string(k.value)), most)
		}
		return n
	}
	const mark = 1<<32 - 1
	switch k.key {
	case "target_type":
	case "target_enabled", "enabled":
		r.flag(key, k, &t.Enabled)
	case "table_name":
		t.Table = value
	case "table_family":
		t.Family = strings.ToLower(value)
	case "set_name":
		t.Set = value
	case "set_family", "address_type":
		if v := strings.ToLower(value); v == "*" || v == "ipv4" || v == "ipv6" {
			t.SetFamily = v
		} else {
			r.warn(k.at, "%s is %q, which is not known: both families", key, cut(value))
		}
	case "type":
		t.Elements = r.list(key, k)
	case "max_elements":
		t.Size = int(max(1, number(1<<20)))
	case "ttl":
		t.TTL = seconds(number(30 * 24 * 3600))
	case "skb_mark":
		t.SkbMark = uint32(number(mark))
	case "skb_mask":
		t.SkbMask = uint32(number(mark))
	case "skb_prio":
		t.SkbPrio = value
	case "skb_queue":
		t.SkbQueue = int(number(65535))
	case "managed":
		r.flag(key, k, &t.Managed)
	case "flush_on_create":
		r.flag(key, k, &t.FlushOnCreate)
	case "flush_on_destroy":
		r.flag(key, k, &t.FlushOnDestroy)
	case "labels":
		t.Labels = r.list(key, k)
	case "auto_label":
		r.flag(key, k, &t.AutoLabel)
	case "log_errors":
		r.flag(key, k, &t.LogErrors)
	case "mark":
		t.Mark = uint32(number(mark))
	case "mask":
		t.Mask = uint32(number(mark))
	case "shift":
		t.Shift = int(number(31))
	case "path":
		t.Path = value
	case "prefix":
		t.Prefix = value
	case "suffix":
		t.Suffix = value
	case "interval":
		t.Interval = max(time.Second, seconds(number(24*3600)))
	default:
		r.warn(k.at, "%s is not known and left out", cut(key))
	}
}
