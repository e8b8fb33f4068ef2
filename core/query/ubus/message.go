package ubus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Types of messages (ubus, ubusmsg.h).
const (
	msgHello     = 0
	msgStatus    = 1
	msgData      = 2
	msgPing      = 3
	msgInvoke    = 5
	msgAddObject = 6
	msgNotify    = 10
)

// Attributes of messages (ubus, ubusmsg.h).
const (
	attrStatus    = 1
	attrObjPath   = 2
	attrObjID     = 3
	attrMethod    = 4
	attrSignature = 6
	attrData      = 7
	attrActive    = 9
	attrNoReply   = 10
	attrUser      = 12
)

// Codes of a status (ubus, ubusmsg.h).
const (
	statusOK           = 0
	statusNoMethod     = 3
	statusNoPermission = 6
)

// maxMessage is the largest message that ubus takes (UBUS_MAX_MSGLEN).
const maxMessage = 1 << 20

// message is one of the bus: a head of eight bytes (version, type, sequence
// number, peer) and a blob that holds its attributes.
type message struct {
	kind byte
	seq  uint16
	peer uint32
	// data is what the blob holds.
	data []byte
}

// append writes the message.
func (m *message) append(dst []byte) []byte {
	dst = append(dst, 0, m.kind)
	dst = binary.BigEndian.AppendUint16(dst, m.seq)
	dst = binary.BigEndian.AppendUint32(dst, m.peer)
	dst, start := begin(dst, 0)
	return end(append(dst, m.data...), start)
}

// read reads a message; buf is used again for its data, which is valid until the next call.
func read(r io.Reader, buf []byte) (m message, _ []byte, err error) {
	var head [8 + headLen]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return m, buf, err
	}
	m = message{kind: head[1], seq: binary.BigEndian.Uint16(head[2:]), peer: binary.BigEndian.Uint32(head[4:])}
	n := int(binary.BigEndian.Uint32(head[8:])&lenMask) - headLen
	if head[0] != 0 || n < 0 || n > maxMessage {
		return m, buf, fmt.Errorf("ubus: no message: version %d, %d bytes", head[0], n)
	}
	n = (n + 3) &^ 3
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	m.data = buf[:n]
	_, err = io.ReadFull(r, m.data)
	return m, buf, err
}

// attributes calls fn for every attribute of a message.
func (m *message) attributes(fn func(x *blob)) error {
	for b := m.data; len(b) > 0; {
		x, rest, err := next(b)
		if err != nil {
			return err
		}
		fn(&x)
		b = rest
	}
	return nil
}

// status gives the code of a status message.
func (m *message) status() (code uint32, err error) {
	if m.kind != msgStatus {
		return 0, errors.New("ubus: want a status")
	}
	err = m.attributes(func(x *blob) {
		if x.id == attrStatus {
			code = x.number()
		}
	})
	return code, err
}

var codes = [...]string{"ok", "invalid command", "invalid argument", "method not found", "not found", "no data", "permission denied", "timeout", "not supported", "unknown error", "connection failed"}

// refused is the error of a status that is not good.
func refused(what string, code uint32) error {
	if int(code) >= len(codes) {
		return fmt.Errorf("ubus: %s: status %d", what, code)
	}
	if code == 2 || code == statusNoPermission {
		return fmt.Errorf("ubus: %s: %s: /usr/share/acl.d/netifyd.json must let this user publish netifyd, and ubusd must have read it (HUP)", what, codes[code])
	}
	return fmt.Errorf("ubus: %s: %s", what, codes[code])
}
