package detect

import "netifyd/detect/internal/httpmsg"

// httpField is a field of a head that is looked at.
type httpField uint8

// Fields.
const (
	fieldOther httpField = iota
	fieldHost
	fieldUserAgent
	fieldServer
	fieldContentType
	fieldUpgrade
	fieldSOAPAction
	fieldIcy // of a streaming server; icy-metadata is a player's wish
	fieldDAV
	fieldAuthorization
	fieldContentLength
	fieldTransferEncoding
)

// fieldNames are the names, in lower case, by their length, and so that a field
// of another length costs nothing.
var fieldNames = [18][]struct {
	name  string
	field httpField
}{
	3:  {{"dav", fieldDAV}},
	4:  {{"host", fieldHost}},
	6:  {{"server", fieldServer}},
	7:  {{"upgrade", fieldUpgrade}},
	10: {{"user-agent", fieldUserAgent}, {"soapaction", fieldSOAPAction}},
	12: {{"content-type", fieldContentType}, {"icy-metadata", fieldOther}},
	13: {{"authorization", fieldAuthorization}},
	14: {{"content-length", fieldContentLength}},
	17: {{"transfer-encoding", fieldTransferEncoding}},
}

// fieldOf knows a field by its name, in any case of letters.
func fieldOf(name []byte) httpField {
	if len(name) < len(fieldNames) {
		for i := range fieldNames[len(name)] {
			if f := &fieldNames[len(name)][i]; httpmsg.Is(name, f.name) {
				return f.field
			}
		}
	}
	if len(name) >= 4 && name[0]|0x20 == 'i' && name[3] == '-' && (httpmsg.HasPrefix(name, "icy-") || httpmsg.HasPrefix(name, "ice-")) {
		return fieldIcy
	}
	return fieldOther
}
