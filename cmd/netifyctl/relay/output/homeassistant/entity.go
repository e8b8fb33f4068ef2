package homeassistant

import (
	"encoding/json"
	"strings"

	"netifyd/core/version"
)

// entity is what a topic of discovery says: one number or state of a device.
// (home-assistant.io/integrations/mqtt, "MQTT discovery")
type entity struct {
	Name         string         `json:"name"`
	UniqueID     string         `json:"unique_id"`
	StateTopic   string         `json:"state_topic"`
	Template     string         `json:"value_template"`
	Class        string         `json:"device_class,omitempty"`
	StateClass   string         `json:"state_class,omitempty"`
	Unit         string         `json:"unit_of_measurement,omitempty"`
	Icon         string         `json:"icon,omitempty"`
	Category     string         `json:"entity_category,omitempty"`
	Attributes   string         `json:"json_attributes_topic,omitempty"`
	Availability []availability `json:"availability"`
	Mode         string         `json:"availability_mode"`
	Device       device         `json:"device"`
	Origin       origin         `json:"origin"`
}

type availability struct {
	Topic string `json:"topic"` // holds online or offline
}

// device is what entities stand under.
type device struct {
	Identifiers  []string    `json:"identifiers"`
	Connections  [][2]string `json:"connections,omitempty"`
	Name         string      `json:"name"`
	Manufacturer string      `json:"manufacturer,omitempty"`
	Model        string      `json:"model,omitempty"`
	Version      string      `json:"sw_version,omitempty"`
	Via          string      `json:"via_device,omitempty"`
}

type origin struct {
	Name    string `json:"name"`
	Version string `json:"sw_version"`
}

// sensor is a line of the tables below.
type sensor struct {
	component, id, name, template, class, stateClass, unit, icon, category string
}

// ofDevice is what Home Assistant shows of each device on the network.
var ofDevice = []sensor{
	{"sensor", "down", "Download", "{{ (value_json.down_rate * 8 / 1000000) | round(3) }}", "data_rate", "measurement", "Mbit/s", "mdi:download", ""},
	{"sensor", "up", "Upload", "{{ (value_json.up_rate * 8 / 1000000) | round(3) }}", "data_rate", "measurement", "Mbit/s", "mdi:upload", ""},
	{"sensor", "today_down", "Downloaded today", "{{ (value_json.today_down / 1000000) | round(1) }}", "data_size", "total_increasing", "MB", "mdi:download", ""},
	{"sensor", "today_up", "Uploaded today", "{{ (value_json.today_up / 1000000) | round(1) }}", "data_size", "total_increasing", "MB", "mdi:upload", ""},
	{"binary_sensor", "online", "Online", "{{ 'ON' if value_json.online else 'OFF' }}", "connectivity", "", "", "", ""},
}

// ofAgent is what it shows of the agent.
var ofAgent = []sensor{
	{"sensor", "flows", "Flows", "{{ value_json.agent.flows.now }}", "", "measurement", "flows", "mdi:swap-horizontal", ""},
	{"sensor", "received", "Packets seen", "{{ value_json.agent.capture.received }}", "", "total_increasing", "packets", "mdi:package-variant", "diagnostic"},
	{"sensor", "dropped", "Packets lost", "{{ value_json.agent.capture.dropped }}", "", "total_increasing", "packets", "mdi:package-variant-remove", "diagnostic"},
}

// running says whether the agent answers the relay.
var running = sensor{"binary_sensor", "online", "Running", "{{ 'ON' if value == 'online' else 'OFF' }}", "running", "", "", "", "diagnostic"}

// lastAlert has the text of the newest alert, and all of it as attributes.
var lastAlert = sensor{"sensor", "alert", "Last alert", "{{ value_json.text }}", "", "", "", "mdi:alert", ""}

// places are the topics of an agent.
type places struct {
	agent, prefix, base string
}

func (p *places) relay() string  { return p.base + "/relay" } // online, or offline by last will
func (p *places) alive() string  { return p.base + "/alive" } // whether the agent answers
func (p *places) status() string { return p.base + "/agent" }
func (p *places) alert() string  { return p.base + "/alert" }

func (p *places) device(id string) string { return p.base + "/device/" + plain(id) }

// plain is a text as identifiers and topics may have it.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, s)
}

func (p *places) id() string { return "netifyd_" + plain(p.agent) }

// announce gives the topic and the payload of an entity. Entities of devices are
// there only while the agent answers; those of the agent while the relay does.
func (p *places) announce(s *sensor, of device, state string, everyone bool) (topic string, payload []byte) {
	id := of.Identifiers[0] + "_" + s.id
	e := entity{Name: s.name, UniqueID: id, StateTopic: state, Template: s.template, Class: s.class, StateClass: s.stateClass, Unit: s.unit, Icon: s.icon, Category: s.category,
		Availability: []availability{{p.relay()}}, Mode: "all", Device: of, Origin: origin{"netifyctl", version.Number}}
	if everyone {
		e.Availability = append(e.Availability, availability{p.alive()})
	}
	if s == &lastAlert {
		e.Attributes = state
	}
	payload, err := json.Marshal(e)
	if err != nil {
		panic(err) // texts always marshal
	}
	return p.prefix + "/" + s.component + "/" + of.Identifiers[0] + "/" + s.id + "/config", payload
}

// forDevice is the device of Home Assistant for one of the network. What an
// integration of the same network already knows by its hardware address, Home
// Assistant joins with it.
func (p *places) forDevice(r *deviceRow) device {
	d := device{Identifiers: []string{p.id() + "_" + plain(r.Device)}, Name: r.Name, Manufacturer: r.Vendor, Model: r.Type, Via: p.id()}
	if d.Name == "" {
		d.Name = r.Device
	}
	if isMAC(r.Device) {
		d.Connections = [][2]string{{"mac", r.Device}}
	}
	return d
}

func (p *places) forAgent(agentVersion string) device {
	short, _, _ := strings.Cut(p.agent, "-")
	return device{Identifiers: []string{p.id()}, Name: "Netifyd " + short, Manufacturer: "netifyd", Model: "Traffic monitor", Version: agentVersion}
}

// isMAC tells a hardware address from its hash.
func isMAC(s string) bool {
	if len(s) != 17 {
		return false
	}
	for i := range len(s) {
		if hex := strings.IndexByte("0123456789abcdef", s[i]) >= 0; (i%3 == 2) != (s[i] == ':') || i%3 != 2 && !hex {
			return false
		}
	}
	return true
}
