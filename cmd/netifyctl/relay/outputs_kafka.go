//go:build kafka

package relay

import "netifyd/cmd/netifyctl/relay/output/kafka"

func init() { outputs["kafka"] = kafka.Open }
