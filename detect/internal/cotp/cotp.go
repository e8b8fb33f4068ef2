// Package cotp finds what OSI transport over TCP (RFC 1006) carries.
package cotp

// State of a read.
type State uint8

// States.
const (
	Short State = iota // everything so far fits
	Bad
	OK
)

const (
	header            = 4 // version 3, reserved 0, length (RFC 1006, section 6)
	connectionRequest = 0xe0
	connectionConfirm = 0xd0
	data              = 0xf0
)

// Data walks the TPDUs of X.224 class 0 (sections 13.3 to 13.7) at the start
// of one direction and gives the user data of the first that holds some.
// whole says that it was not cut short. user aliases b.
func Data(b []byte) (user []byte, whole bool, s State) {
	for {
		if len(b) > 0 && b[0] != 3 || len(b) > 1 && b[1] != 0 {
			return nil, false, Bad
		}
		if len(b) < header+2 {
			return nil, false, Short
		}
		length, indicator := int(b[2])<<8|int(b[3]), int(b[4])
		end := header + 1 + indicator
		if indicator < 2 || end > length {
			return nil, false, Bad
		}
		switch b[5] & 0xf0 {
		case connectionRequest, connectionConfirm:
			if end != length || indicator < 6 {
				return nil, false, Bad
			}
		case data:
			if indicator != 2 {
				return nil, false, Bad
			}
			if length > end {
				if len(b) <= end {
					return nil, false, Short
				}
				return b[end:min(len(b), length)], len(b) >= length, OK
			}
		default:
			return nil, false, Bad
		}
		if len(b) < length {
			return nil, false, Short
		}
		b = b[length:]
	}
}
