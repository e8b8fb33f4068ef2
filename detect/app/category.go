package app

import (
	"encoding/json"
	"fmt"

	"netifyd/core/proto"
	"netifyd/detect/app/internal/source"
)

// categories are what netify-categories.json changes. nil or empty: nothing.
type categories struct {
	tags    map[string]uint8 // application categories beyond those built in
	ofApp   map[uint32]uint8
	ofProto map[proto.ID]uint8
}

// read reads netify-categories.json: numbers of tags, and for each category
// the identifiers in it.
func (c *categories) read(text string) error {
	var doc struct {
		AppTags  map[string]uint8  `json:"application_tag_index"`
		Apps     []json.RawMessage `json:"application_index"`
		Protos   []json.RawMessage `json:"protocol_index"`
		Protocol map[string]uint8  `json:"protocol_tag_index"`
		Update   json.RawMessage   `json:"last_update"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return fmt.Errorf("not the form of netify-categories.json: %v", err)
	}
	for tag, n := range doc.AppTags {
		if n == 0 || source.Category(tag) != 0 && source.Category(tag) != n {
			return fmt.Errorf("application_tag_index: %q cannot be %d", tag, n)
		}
	}
	c.tags = doc.AppTags
	c.ofApp = map[uint32]uint8{}
	c.ofProto = map[proto.ID]uint8{}
	if err := index(doc.Apps, func(id uint32, cat uint8) { c.ofApp[id] = cat }); err != nil {
		return fmt.Errorf("application_index: %v", err)
	}
	err := index(doc.Protos, func(id uint32, cat uint8) {
		if id < 1<<16 {
			c.ofProto[proto.ID(id)] = cat
		}
	})
	if err != nil {
		return fmt.Errorf("protocol_index: %v", err)
	}
	return nil
}

// dropKnown forgets what is built in anyway.
func (c *categories) dropKnown(base *Catalogue) {
	for tag, n := range c.tags {
		if source.Category(tag) == n {
			delete(c.tags, tag)
		}
	}
	for id, cat := range c.ofApp {
		if a := base.App(id); a != nil && a.Category == cat {
			delete(c.ofApp, id)
		}
	}
	for id, cat := range c.ofProto {
		if base.ProtocolCategory(id) == cat {
			delete(c.ofProto, id)
		}
	}
}

// index reads rows of [category, [identifiers]].
func index(rows []json.RawMessage, put func(id uint32, cat uint8)) error {
	for i, row := range rows {
		var pair [2]json.RawMessage
		var cat uint8
		var ids []uint32
		err := json.Unmarshal(row, &pair)
		if err == nil {
			err = json.Unmarshal(pair[0], &cat)
		}
		if err == nil {
			err = json.Unmarshal(pair[1], &ids)
		}
		if err != nil || cat == 0 {
			return fmt.Errorf("row %d: want [category, [identifiers]]", i+1)
		}
		for _, id := range ids {
			put(id, cat)
		}
	}
	return nil
}

func (c *categories) number(tag string) uint8 {
	if n := source.Category(tag); n != 0 || c == nil {
		return n
	}
	return c.tags[tag]
}

// CategoryID finds an application category by its tag, for expr.Compile.
func (c *Catalogue) CategoryID(tag string) (id uint8, ok bool) {
	id = c.cats.number(tag)
	return id, id != 0
}

// CategoryTag is the tag of an application category; empty: there is none.
func (c *Catalogue) CategoryTag(id uint8) string {
	if tag := source.CategoryTag(id); tag != "" || c.cats == nil {
		return tag
	}
	for tag, n := range c.cats.tags {
		if n == id {
			return tag
		}
	}
	return ""
}

// Categories calls fn for every application category in the order of their numbers.
func (c *Catalogue) Categories(fn func(id uint8, tag string)) {
	for id := range 256 {
		if tag := c.CategoryTag(uint8(id)); tag != "" {
			fn(uint8(id), tag)
		}
	}
}

// ProtocolCategory is the category of a protocol: that of netify-categories.json
// where it says so, else the protocol's own.
func (c *Catalogue) ProtocolCategory(id proto.ID) uint8 {
	if c.cats != nil {
		if n, ok := c.cats.ofProto[id]; ok {
			return n
		}
	}
	return uint8(id.Category())
}
