package luci

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Message is a text and its translation.
type Message struct{ ID, Text string }

// ReadPO reads a translation in gettext's form: msgid and msgstr, without plurals
// and contexts, which our pages do not use. The header is the message whose ID is
// empty. An error names the line.
func ReadPO(data []byte) ([]Message, error) {
	var all []Message
	var into *string
	sc := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			into = nil
			continue
		case strings.HasPrefix(line, "msgid "):
			all = append(all, Message{})
			into, line = &all[len(all)-1].ID, line[len("msgid "):]
		case strings.HasPrefix(line, "msgstr ") && len(all) > 0:
			into, line = &all[len(all)-1].Text, line[len("msgstr "):]
		}
		text, err := strconv.Unquote(line)
		if into == nil || err != nil {
			return nil, fmt.Errorf("line %d: want msgid or msgstr with a text in quotes: %.40s", n, line)
		}
		*into += text
	}
	return all, sc.Err()
}

// entry is a line of the index: numbers in network order.
type entry struct{ Key, Plural, Offset, Length uint32 }

// LMO is a translation as LuCI reads it (modules/luci-base/src/lib/lmo.c): the
// texts, each at a multiple of four bytes, an index sorted by the hash of the
// original, and where the index begins. Texts that are not translated are left
// out; nil where none is.
func LMO(messages []Message) []byte {
	var b bytes.Buffer
	var index []entry
	for _, m := range messages {
		if m.ID == "" || m.Text == "" || m.ID == m.Text {
			continue
		}
		index = append(index, entry{hash(m.ID), 1, uint32(b.Len()), uint32(len(m.Text))})
		b.WriteString(m.Text)
		b.Write(make([]byte, (4-len(m.Text)%4)%4))
	}
	if len(index) == 0 {
		return nil
	}
	slices.SortFunc(index, func(x, y entry) int { return cmp.Compare(x.Key, y.Key) })
	at := uint32(b.Len())
	_ = binary.Write(&b, binary.BigEndian, index)
	_ = binary.Write(&b, binary.BigEndian, at)
	return b.Bytes()
}

// hash is Paul Hsieh's SuperFastHash, begun with the length, bytes with a sign:
// http://www.azillionmonkeys.com/qed/hash.html
func hash(s string) uint32 {
	h := uint32(len(s))
	if h == 0 {
		return 0
	}
	two := func(i int) uint32 { return uint32(s[i]) | uint32(s[i+1])<<8 }
	signed := func(i int) uint32 { return uint32(int32(int8(s[i]))) }
	i := 0
	for ; len(s)-i >= 4; i += 4 {
		h += two(i)
		h = h<<16 ^ (two(i+2)<<11 ^ h)
		h += h >> 11
	}
	switch len(s) - i {
	case 3:
		h += two(i)
		h ^= h << 16
		h ^= signed(i+2) << 18
		h += h >> 11
	case 2:
		h += two(i)
		h ^= h << 11
		h += h >> 17
	case 1:
		h += signed(i)
		h ^= h << 10
		h += h >> 1
	}
	h ^= h << 3
	h += h >> 5
	h ^= h << 4
	h += h >> 17
	h ^= h << 25
	return h + h>>6
}
