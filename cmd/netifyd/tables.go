package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/file"
	"netifyd/core/proto"
	"netifyd/detect/app"
)

// tableFiles are the files by which other programs join numbers with names, in
// the forms that netifyd's own have.
var tableFiles = []struct {
	name string
	make func(t *directory) any
}{
	{"netify-categories.json", (*directory).categories},
	{"app-proto-data.json", (*directory).data},
	{"netify-application-catalog.json", func(t *directory) any { return t.apps }},
	{"netify-protocol-catalog.json", func(t *directory) any { return t.protocols }},
	{"netify-apps.conf", (*directory).conf},
}

// numbered is one thing that has a number.
type numbered struct {
	ID       uint32 `json:"id"`
	Label    string `json:"label"`
	Tag      string `json:"tag"`
	category uint8
}

// directory is all that have numbers, in the order of these.
type directory struct{ apps, protocols, ofApps, ofProtocols []numbered }

func newDirectory(c *app.Catalogue) *directory {
	t := new(directory)
	c.Apps(func(a *app.App) { t.apps = append(t.apps, numbered{a.ID, a.Label, a.Tag, a.Category}) })
	proto.All(func(id proto.ID, name string) {
		n := numbered{uint32(id), name, slug(name), c.ProtocolCategory(id)}
		if id == proto.Unknown {
			n.Label, n.Tag, n.category = "Unclassified", "unclassified", uint8(proto.Unclassified)
		}
		t.protocols = append(t.protocols, n)
	})
	c.Categories(func(id uint8, tag string) { t.ofApps = append(t.ofApps, numbered{uint32(id), title(tag), tag, 0}) })
	proto.Categories(func(id proto.Category, tag string) {
		t.ofProtocols = append(t.ofProtocols, numbered{uint32(id), title(tag), tag, 0})
	})
	return t
}

// slug is a name in lower-case letters, digits and dashes.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// title is a tag for people: "streaming-media" is "Streaming Media".
func title(tag string) string {
	words := strings.Split(tag, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

func tags(list []numbered) map[string]uint32 {
	m := map[string]uint32{}
	for _, n := range list {
		m[n.Tag] = n.ID
	}
	return m
}

// byCategory are pairs of a category and the numbers in it.
func byCategory(list []numbered) [][2]any {
	in := map[uint8][]uint32{}
	for _, n := range list {
		c := max(n.category, 1)
		in[c] = append(in[c], n.ID)
	}
	pairs := [][2]any{}
	for c := range 256 {
		if ids := in[uint8(c)]; ids != nil {
			pairs = append(pairs, [2]any{c, ids})
		}
	}
	return pairs
}

func categoryOf(list []numbered) map[string]uint8 {
	m := map[string]uint8{}
	for _, n := range list {
		m[strconv.Itoa(int(n.ID))] = max(n.category, 1)
	}
	return m
}

// categories is which category each number has: as pairs for netifyd 4 and 5,
// and by number for programs of the time of 3.
func (t *directory) categories() any {
	return map[string]any{
		"application_index": byCategory(t.apps), "application_tag_index": tags(t.ofApps), "applications": categoryOf(t.apps),
		"last_update":    0,
		"protocol_index": byCategory(t.protocols), "protocol_tag_index": tags(t.ofProtocols), "protocols": categoryOf(t.protocols),
	}
}

// data is labels and tags by number, and numbers by tag.
func (t *directory) data() any {
	type entry struct {
		Label string `json:"label"`
		Tag   string `json:"tag"`
	}
	byID := func(list []numbered) map[string]entry {
		m := map[string]entry{}
		for _, n := range list {
			m[strconv.Itoa(int(n.ID))] = entry{n.Label, n.Tag}
		}
		return m
	}
	protocolTags := tags(t.protocols)
	for tag, id := range olderTags {
		if _, taken := protocolTags[tag]; !taken {
			protocolTags[tag] = id
		}
	}
	return map[string]any{
		"application_category": byID(t.ofApps), "application_category_tags": tags(t.ofApps),
		"application_tags": tags(t.apps), "applications": byID(t.apps),
		"protocol_category": byID(t.ofProtocols), "protocol_category_tags": tags(t.ofProtocols),
		"protocol_tags": protocolTags, "protocols": byID(t.protocols),
	}
}

// conf is the applications alone: what they are known by is in the agent.
func (t *directory) conf() any {
	var b strings.Builder
	b.WriteString("# Numbers and tags of applications, for programs that join by them. Made by netifyd dump-files.\n")
	for _, a := range t.apps {
		fmt.Fprintf(&b, "app:%d:%s\n", a.ID, a.Tag)
	}
	return b.String()
}

// dumpFiles prints one of the files, or writes all of them into a directory.
func dumpFiles(cfg *config.Config, where string) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	t := newDirectory(apps)
	for _, f := range tableFiles {
		if f.name == where {
			_, err := os.Stdout.Write(written(f.make(t)))
			return err
		}
	}
	if info, err := os.Stat(where); err != nil || !info.IsDir() {
		var list []string
		for _, f := range tableFiles {
			list = append(list, f.name)
		}
		return fmt.Errorf("dump-files %s: want a directory that is there, or one of %s", where, strings.Join(list, ", "))
	}
	for _, f := range tableFiles {
		if err := file.Replace(filepath.Join(where, f.name), written(f.make(t)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// written is a file as it is written: text as it is, everything else as JSON on one line.
func written(v any) []byte {
	if text, ok := v.(string); ok {
		return []byte(text)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // maps and numbers: nothing that cannot be written
	return slices.Clip(b.Bytes())
}
