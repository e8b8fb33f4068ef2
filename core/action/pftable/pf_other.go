//go:build !freebsd

package pftable

import (
	"errors"

	"netifyd/core/action"
)

// Open fails. What it would open is linked on FreeBSD only.
func Open(Settings) (action.Target, error) {
	return nil, errors.New("tables of pf are there on FreeBSD only: take nftset on Linux")
}
