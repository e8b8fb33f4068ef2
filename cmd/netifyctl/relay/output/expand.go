package output

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// names are what ${…} may stand for in URLs, headers and topics.
var names = map[string]func(*Batch) string{
	"uuid_agent":  func(b *Batch) string { return b.Agent },
	"uuid_site":   func(b *Batch) string { return b.Site },
	"uuid_serial": func(*Batch) string { return "" }, // of a vendor's boxes: we have none
	"kind":        func(b *Batch) string { return b.Kind },
	"channel":     func(b *Batch) string { return b.Kind },
	"epoch":       func(b *Batch) string { return strconv.FormatUint(b.Epoch, 10) },
	"seq":         func(b *Batch) string { return strconv.FormatUint(b.Seq, 10) },
}

// CheckNames says which ${…} of a text is none of ours.
func CheckNames(text string) error {
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "${")
		if !ok {
			return nil
		}
		name, tail, ok := strings.Cut(after, "}")
		if _, known := names[name]; !ok || !known {
			return fmt.Errorf("${%s}: want ${uuid_agent}, ${uuid_site}, ${kind}, ${epoch} or ${seq}", name)
		}
		rest = tail
	}
}

// Expand puts what a batch says in the place of ${…}.
func (b *Batch) Expand(text string) string { return b.expand(text, func(s string) string { return s }) }

// ExpandURL does the same for a URL.
func (b *Batch) ExpandURL(text string) string { return b.expand(text, url.QueryEscape) }

func (b *Batch) expand(text string, escape func(string) string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	var out strings.Builder
	for {
		before, after, ok := strings.Cut(text, "${")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, tail, _ := strings.Cut(after, "}")
		if value, ok := names[name]; ok {
			out.WriteString(escape(value(b)))
		}
		text = tail
	}
}
