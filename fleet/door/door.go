// Package door holds what stands between routers and the store where there is
// no broker: the configuration of a server that asks for certificates.
package door

import _ "embed"

// HAProxy is haproxy.cfg.
//
//go:embed haproxy.cfg
var HAProxy []byte
