package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
)

// printFlow writes a flow line for a person: the protocol, the application,
// who talks to whom, and the name that the flow spoke.
func printFlow(line []byte) {
	var e struct {
		Interface string
		Internal  bool
		Flow      struct {
			Protocol    string `json:"detected_protocol_name"`
			Application string `json:"detected_application_name"`
			Guessed     bool   `json:"detection_guessed"`
			Updated     bool   `json:"detection_updated"`
			Hint        bool   `json:"dhc_hit"`
			LocalOrigin bool   `json:"local_origin"`
			LocalIP     string `json:"local_ip"`
			LocalPort   int    `json:"local_port"`
			OtherIP     string `json:"other_ip"`
			OtherPort   int    `json:"other_port"`
			Host        string `json:"host_server_name"`
			Version     int    `json:"ip_version"`
		}
	}
	if json.Unmarshal(line, &e) != nil {
		return
	}
	f := &e.Flow
	flags := []byte("----")
	mark := func(i int, c byte, on bool) {
		if on {
			flags[i] = c
		}
	}
	mark(0, 'i', e.Internal)
	mark(0, 'e', !e.Internal)
	mark(1, 'u', f.Updated)
	mark(2, 'g', f.Guessed)
	mark(3, 'd', f.Hint)
	arrow := "<--"
	if f.LocalOrigin {
		arrow = "-->"
	}
	name := f.Protocol
	if f.Application != "Unknown" {
		name += "." + f.Application
	}
	text := fmt.Sprintf("%s: [%s] %s %s %s %s", e.Interface, flags, name,
		net.JoinHostPort(f.LocalIP, strconv.Itoa(f.LocalPort)), arrow, net.JoinHostPort(f.OtherIP, strconv.Itoa(f.OtherPort)))
	if f.Host != "" {
		text += " [H: " + f.Host + "]"
	}
	fmt.Fprintln(os.Stdout, text)
}
