package detect

// The files of a package are initialised in the order of their names, so that
// this init runs after every register.
func init() { arrange() }
