package peer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// NATS is a nats-server with JetStream on disk, and a door for MQTT 3.1.1. A
// client's certificate names its user (verify_and_map), who may write only below
// netifyd/v1/UUID.
type NATS struct {
	process
	Dir            string
	Port, MQTTPort int
}

// A handshake may take a minute: the server's own two seconds are too short when
// a thousand come at once, and each that is cut off comes again.
const natsServer = `server_name: fleet
listen: "127.0.0.1:%d"
tls { cert_file: "%[3]s/server.crt", key_file: "%[3]s/server.key", ca_file: "%[3]s/ca.crt", verify_and_map: true, timeout: 60 }
jetstream { store_dir: "%[4]s/data", max_mem: 64M, max_file: 4G }
mqtt {
  listen: "127.0.0.1:%[2]d"
  tls { cert_file: "%[3]s/server.crt", key_file: "%[3]s/server.key", ca_file: "%[3]s/ca.crt", verify_and_map: true, timeout: 60 }
}
authorization { timeout: 60, users: [
%[5]s] }
`

// StartNATS makes a server in dir for the agents of these names.
func StartNATS(dir string, ca *CA, agents []string) (*NATS, error) {
	ports, err := Ports(2)
	if err != nil {
		return nil, err
	}
	n := &NATS{Dir: dir, Port: ports[0], MQTTPort: ports[1]}
	users := fmt.Sprintf("  { user: \"CN=%s\" }\n", Collector)
	for _, a := range agents {
		users += fmt.Sprintf("  { user: \"CN=%[1]s\", permissions: { publish: [\"netifyd.v1.%[1]s.>\", \"$MQTT.>\", \"$JS.>\"], subscribe: [\"netifyd.v1.%[1]s.policy\", \"$MQTT.>\", \"_INBOX.>\"] } }\n", a)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	text := fmt.Sprintf(natsServer, n.Port, n.MQTTPort, ca.Dir, dir, users)
	if err := os.WriteFile(filepath.Join(dir, "nats.conf"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	return n, n.Again()
}

// Again starts a server that was killed, with what it had stored.
func (n *NATS) Again() error {
	return n.start(n.Dir, "nats-server", []string{"-c", filepath.Join(n.Dir, "nats.conf")}, connects(n.MQTTPort))
}

// Wake lets the server make the stream of MQTT messages, which it does when the
// first client comes: a consumer can be made then.
func (n *NATS) Wake(ca *CA) error {
	config, err := ca.TLS(Collector)
	if err != nil {
		return err
	}
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("ssl" + strings.TrimPrefix(n.MQTT(), "mqtts")).SetClientID("wake").SetTLSConfig(config))
	t := c.Connect()
	if !t.WaitTimeout(20*time.Second) || t.Error() != nil {
		return errors.Join(errors.New("nats-server does not speak MQTT"), t.Error())
	}
	c.Disconnect(0)
	return nil
}

// URL is where programs that speak NATS connect; MQTT where agents do.
func (n *NATS) URL() string  { return fmt.Sprintf("nats://127.0.0.1:%d", n.Port) }
func (n *NATS) MQTT() string { return fmt.Sprintf("mqtts://127.0.0.1:%d", n.MQTTPort) }
