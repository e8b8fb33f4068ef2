package output

// Open makes an output out of its table of the configuration: decode fills a
// struct by its toml tags, and keys that neither that struct nor the relay's own
// (type, name, kinds, …) know are errors of the file. Open looks at the settings
// and reads files, but connects to nobody: `netifyctl relay --check` calls it
// too. The first Send connects.
type Open func(name string, decode func(into any) error) (Output, error)

// Invalid is an error of Open about one key. Relay says the file and the line.
type Invalid struct {
	Key string // as the file has it
	Why string // what is wrong, and what to write instead
}

func (e *Invalid) Error() string { return e.Key + ": " + e.Why }
