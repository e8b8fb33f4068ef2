package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
)

// textWriter turns zerolog's JSON into lines for people and for syslog:
// "netifyd: capture started interface=br-lan". Log lines are rare, so what
// this costs does not matter.
type textWriter struct{ w io.Writer }

func (t textWriter) Write(p []byte) (int, error) {
	var m map[string]any
	if err := json.Unmarshal(p, &m); err != nil {
		return t.w.Write(p)
	}
	var b strings.Builder
	b.WriteString("netifyd: ")
	if l, _ := m["level"].(string); l != "info" && l != "" {
		b.WriteString(l + ": ")
	}
	fmt.Fprint(&b, m["message"])
	if e, ok := m["error"]; ok {
		fmt.Fprintf(&b, ": %v", e)
	}
	var keys []string
	for k := range m {
		if k != "level" && k != "message" && k != "error" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, " %s=%v", k, m[k])
	}
	b.WriteByte('\n')
	if _, err := io.WriteString(t.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}
