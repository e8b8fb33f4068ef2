//go:build no_toml || tiny

package config

// decode refuses every document but an empty one.
func decode(text string) (doc map[string]any, at int, message string) {
	if text == "" {
		return nil, 0, ""
	}
	return nil, -1, "this build reads no TOML: configure it by /etc/config/netifyd and --uci, by an INI file, or by flags"
}
