package console

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Bounds of a stream: bytes of one line or payload.
const maxEvent = 4 << 20

// eventReader reads the stream of an agent: lines of JSON, with a header before
// each (netifyd 2 to 4) or without (netifyd 5). docs/events.md
type eventReader struct{ r *bufio.Reader }

func newEventReader(r io.Reader) *eventReader { return &eventReader{bufio.NewReaderSize(r, 64<<10)} }

// next gives the next object of JSON.
func (e *eventReader) next() ([]byte, error) {
	for {
		line, err := e.line()
		if err != nil {
			return nil, err
		}
		if n, ok := length(line); ok {
			if n > maxEvent {
				return nil, fmt.Errorf("an event of %d bytes: this is no stream of netifyd", n)
			}
			b := make([]byte, n)
			if _, err := io.ReadFull(e.r, b); err != nil {
				return nil, err
			}
			line = b
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if line[0] != '{' {
			return nil, errors.New("this is no stream of netifyd: a line is no JSON object")
		}
		return line, nil
	}
}

func (e *eventReader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := e.r.ReadSlice('\n')
		if line = append(line, part...); err == nil || err == io.EOF && len(line) > 0 {
			return line, nil
		}
		if err != bufio.ErrBufferFull {
			return nil, err
		}
		if len(line) > maxEvent {
			return nil, errors.New("this is no stream of netifyd: a line has no end")
		}
	}
}

// length reads a header: {"length": 177}
func length(line []byte) (int, bool) {
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(`{"length":`))
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(bytes.TrimSuffix(rest, []byte("}")))))
	return n, err == nil && n >= 0
}
