//go:build linux && !(cgo && gopacket)

package afpacket

import (
	"errors"

	"netifyd/core"
)

// OpenGopacket fails: this build has no gopacket/afpacket.
func OpenGopacket(Config) (core.Source, error) {
	return nil, errors.New(`this build has no capture method "gopacket": build with CGO_ENABLED=1 and -tags gopacket, or use "auto"`)
}
