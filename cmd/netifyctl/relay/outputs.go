package relay

import (
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/http"
)

// outputs are the values of type of [[relay.output]]: one folder and one line each.
var outputs = map[string]output.Open{
	"http": http.Open,
}
