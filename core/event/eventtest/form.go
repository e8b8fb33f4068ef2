package eventtest

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// checkForm holds that the line is one line, compact, with the keys of every
// object in ascending order; but of dns in dialect 3, which ends in a text.
func checkForm(line []byte) error {
	if n := bytes.IndexByte(line, '\n'); n != len(line)-1 {
		return fmt.Errorf("LF at %d of %d bytes: a line has one, at its end", n, len(line))
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, line); err != nil {
		return err
	}
	if compact.Len() != len(line)-1 {
		return fmt.Errorf("%d bytes of needless space", len(line)-1-compact.Len())
	}
	return checkOrder(json.NewDecoder(bytes.NewReader(line)), "")
}

// checkOrder reads one value, of a key that is called name.
func checkOrder(d *json.Decoder, name string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') && token != json.Delim('[') {
		return nil
	}
	for last, first := "", true; d.More(); first = false {
		if token == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if !first && key.(string) <= last && !(name == "dns" && last == "type") {
				return fmt.Errorf("key %q after %q", key, last)
			}
			last = key.(string)
		}
		if err := checkOrder(d, last); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
