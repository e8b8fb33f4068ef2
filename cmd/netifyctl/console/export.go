package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// saveHere writes a file into the working directory, and never over another.
func saveHere(name string, text []byte) error {
	f, err := os.OpenFile(filepath.Base(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// write makes a file with a name of its time, and says so.
func (s *screen) write(what, ending string, text []byte) {
	name := "netifyd-" + what + "-" + s.clock().Format("20060102-150405") + "." + ending
	if err := s.save(name, text); err != nil {
		s.message = err.Error()
		return
	}
	s.message = "written: " + name
}

// export writes what is listed as CSV or JSON.
func (s *screen) export(asJSON bool) {
	if s.view.method == "" || len(s.lists) == 0 {
		s.message = "there is no list here to write"
		return
	}
	if asJSON {
		var b bytes.Buffer
		b.WriteString("[")
		for i := range s.lists {
			if i > 0 {
				b.WriteString(",\n ")
			}
			b.Write(s.object(&s.lists[i]))
		}
		b.WriteString("]\n")
		s.write(s.view.title, "json", b.Bytes())
		return
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(s.columns)
	for i := range s.lists {
		line := make([]string, len(s.columns))
		for k, name := range s.columns {
			line[k] = cellText(s.lists[i].cell[name])
		}
		_ = w.Write(line)
	}
	w.Flush()
	s.write(s.view.title, "csv", b.Bytes())
}

// cellText is a text that a spreadsheet does not take for a formula.
func cellText(text string) string {
	if text = clean(text); text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// object is a row as JSON, its columns in the order of the answer.
func (s *screen) object(r *row) []byte {
	var b bytes.Buffer
	for i, name := range s.columns[:min(len(s.columns), len(r.raw))] {
		b.WriteByte("{,"[truth(i > 0)])
		key, _ := json.Marshal(name)
		b.Write(append(append(key, ':'), r.raw[i]...))
	}
	if b.Len() == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes()
}

// copyRow gives the row under the cursor to the clipboard, as JSON.
func (s *screen) copyRow() {
	r := s.current()
	if r == nil || r.parent != "" {
		s.message = "there is no row here to copy"
		return
	}
	s.copied, s.message = s.object(r), "copied as JSON, where the terminal takes it"
}
