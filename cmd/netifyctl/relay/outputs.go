package relay

import (
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/homeassistant"
	"netifyd/cmd/netifyctl/relay/output/http"
	"netifyd/cmd/netifyctl/relay/output/log"
	"netifyd/cmd/netifyctl/relay/output/mqtt"
	"netifyd/cmd/netifyctl/relay/output/socket"
	"netifyd/cmd/netifyctl/relay/output/syslog"
)

// outputs are the values of type of [[relay.output]]: one folder and one line each.
var outputs = map[string]output.Open{
	"homeassistant": homeassistant.Open,
	"http":          http.Open,
	"log":           log.Open,
	"mqtt":          mqtt.Open,
	"socket":        socket.Open,
	"syslog":        syslog.Open,
}
