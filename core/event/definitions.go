package event

import "netifyd/core/proto"

// JSONVersion is the version of the stream's objects that consumers ask for.
const JSONVersion = "1.9"

// AppendHello writes the first line of a connection: type "agent_hello".
// build is free text: system, architecture, what was built in.
func AppendHello(dst []byte, version, build string) []byte {
	dst = appendString(append(dst, `{"agent_version":`...), version)
	dst = appendString(append(dst, `,"build_version":`...), build)
	return append(dst, `,"json_version":`+JSONVersion+`,"type":"agent_hello"}`+"\n"...)
}

// AppendError writes what is wrong with what a client asked for, before it is
// let go: type "agent_error", dialect 5.
func AppendError(dst []byte, text string) []byte {
	return append(appendString(append(dst, `{"error":`...), text), `,"type":"agent_error"}`+"\n"...)
}

// Tables is which names of numbers a client is greeted with.
type Tables uint8

// Tables.
const (
	NoTables Tables = iota
	Classic         // protocols, and the applications of netifyd's own list and of this machine's files
	Full            // all applications
	// NumTables is how many there are.
	NumTables = iota
)

// Names are what tables hold. Each calls fn for every one, in any order; nil: none.
type Names struct {
	Applications          func(fn func(id uint32, tag string))
	ApplicationCategories func(fn func(id uint8, tag string))
}

// AppendDefinitions writes the tables of identifiers: type "protocols" with
// protocols and applications in one list (dialect 3), "definitions" with lists
// of each, and of the categories (dialects 4 and 5).
func AppendDefinitions(dst []byte, d Dialect, n Names) []byte {
	entry := func(id uint64) {
		dst = appendUint(append(dst, `{"id":`...), id)
		dst = append(dst, `,"tag":`...)
	}
	apps := func(id uint32, tag string) {
		entry(uint64(id))
		dst = append(appendTag(dst, d, id, tag), '}', ',')
	}
	applications := func() {
		if n.Applications != nil {
			n.Applications(apps)
		}
	}
	protocols := func(id proto.ID, name string) {
		if d == V3 {
			name = id.Name3()
		}
		entry(uint64(id))
		dst = append(appendString(dst, name), '}', ',')
	}
	if d == V3 {
		dst = append(dst, `{"protocols":[`...)
		proto.All(protocols)
		applications()
		dst = closeList(dst)
		return append(dst, `,"type":"protocols"}`+"\n"...)
	}
	category := func(id uint8, tag string) {
		entry(uint64(id))
		dst = append(appendString(dst, tag), '}', ',')
	}
	dst = append(dst, `{"application_categories":[`...)
	if n.ApplicationCategories != nil {
		n.ApplicationCategories(category)
	}
	dst = append(closeList(dst), `,"applications":[`...)
	applications()
	dst = append(closeList(dst), `,"protocol_categories":[`...)
	proto.Categories(func(id proto.Category, tag string) { category(uint8(id), tag) })
	dst = append(closeList(dst), `,"protocols":[`...)
	proto.All(protocols)
	dst = closeList(dst)
	return append(dst, `,"type":"definitions"}`+"\n"...)
}

// closeList puts the bracket where the last comma was.
func closeList(dst []byte) []byte {
	if last := len(dst) - 1; dst[last] == ',' {
		dst[last] = ']'
		return dst
	}
	return append(dst, ']')
}
