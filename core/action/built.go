//go:build !tiny

package action

// Built says that this build has rules. The linker leaves out what only they
// would call where it is false.
const Built = true
