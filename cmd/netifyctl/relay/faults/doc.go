// Package faults holds a test alone: netifyctl relay between an agent of 1000
// flows a second and servers that are killed, slow, full or not there.
//
//	make relay-faults MINUTES=10
package faults
