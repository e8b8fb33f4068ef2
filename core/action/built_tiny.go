//go:build tiny

package action

// Built says that this build has no rules.
const Built = false
