package peer

import (
	"fmt"
	"os"
	"path/filepath"
)

// Mosquitto is an MQTT broker with TLS: each client has a certificate, whose
// name is the agent's UUID, and may write only below netifyd/v1/UUID.
type Mosquitto struct {
	process
	Dir  string
	Port int
}

// The names of those who may read everything, and write policies.
const rights = `pattern write netifyd/v1/%%u/#
pattern read netifyd/v1/%%u/policy
user %s
topic read netifyd/v1/#
topic write netifyd/v1/+/policy
`

// Queues have no limit by number: mosquitto drops in silence what is beyond
// (mosquitto.conf(5), max_queued_messages). What waits for readers is on disk.
const mosquitto = `listener %d 127.0.0.1
cafile %[2]s/ca.crt
certfile %[2]s/server.crt
keyfile %[2]s/server.key
require_certificate true
use_identity_as_username true
acl_file %[3]s/acl
persistence true
persistence_location %[3]s/
autosave_interval 1
autosave_on_changes true
max_queued_messages 0
max_inflight_messages 200
memory_limit 268435456
%[4]s`

// StartMosquitto makes a broker in dir, with the certificates of ca.
func StartMosquitto(dir string, ca *CA) (*Mosquitto, error) { return startMosquitto(dir, ca, rights) }

// StartMosquittoOpen lets the collector's certificate write for everybody, for a
// simulation in which one certificate is enough.
func StartMosquittoOpen(dir string, ca *CA) (*Mosquitto, error) {
	return startMosquitto(dir, ca, "user %s\ntopic readwrite netifyd/v1/#\n")
}

func startMosquitto(dir string, ca *CA, rights string) (*Mosquitto, error) {
	ports, err := Ports(1)
	if err != nil {
		return nil, err
	}
	m := &Mosquitto{Dir: dir, Port: ports[0]}
	who := ""
	if os.Getuid() == 0 {
		who = "user root\n" // else it becomes nobody, who may not write here
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"mosquitto.conf": fmt.Sprintf(mosquitto, m.Port, ca.Dir, dir, who),
		"acl":            fmt.Sprintf(rights, Collector),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return m, m.Again()
}

// Again starts a broker that was killed, with what it had kept.
func (m *Mosquitto) Again() error {
	return m.start(m.Dir, "mosquitto", []string{"-c", filepath.Join(m.Dir, "mosquitto.conf")}, connects(m.Port))
}

// URL is where clients connect.
func (m *Mosquitto) URL() string { return fmt.Sprintf("mqtts://127.0.0.1:%d", m.Port) }
