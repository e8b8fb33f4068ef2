package app

import "bytes"

// clue is a text that gives an application away where no name does.
type clue struct {
	text string
	app  uint32
}

// organisations are the subject or issuer (attribute O) of certificates that
// vendors sign themselves, for servers and devices that often have no name in
// DNS. Facts, as the certificates state them.
var organisations = [...]clue{
	{"Fortinet", 10620},
	{"NordVPN", 10516},
	{"ntop.org", 20815},
	{"Open Whisper Systems", 10240},
	{"philandro Software GmbH", 20921}, // AnyDesk
	{"Philips Hue", 10369},
	{"Private Internet Access", 20758},
	{"QNAP Systems Inc.", 10307},
	{"Roku, Inc.", 10312},
	{"Signal Messenger, LLC", 10240},
	{"Sonos, Inc", 10364},
	{"Sonos, Inc.", 10364},
	{"Synology Inc.", 10137},
	{"TeamViewer Germany GmbH", 10230},
	{"TeamViewer GmbH", 10230},
	{"Ubiquiti Inc.", 10310},
	{"Ubiquiti Networks Inc.", 10310},
	{"Windscribe", 20753},
}

// agents are what the user agents of programs begin with that speak to their
// own service, through whatever server: caches in the provider's network, content networks.
var agents = [...]clue{
	{"Deezer/", 200},
	{"DropboxDesktopClient/", 121},
	{"Hulu/", 10362},
	{"Instagram ", 201},
	{"iTunes/", 145},
	{"Linux UPnP/1.0 Sonos/", 10364},
	{"Microsoft-Delivery-Optimization/", 147},
	{"Pandora/", 187},
	{"Pinterest/", 10069},
	{"Roblox/", 10039},
	{"Roku/", 10312},
	{"Snapchat/", 199},
	{"Spotify/", 156},
	{"TuneIn Radio/", 10267},
	{"Twitch/", 195},
	{"Valve/Steam HTTP Client", 10003},
	{"Viber/", 10489},
	{"WhatsApp/", 142},
	{"Windows-Update-Agent/", 147},
	{"Xbox Live Client/", 10425},
}

// services are ports at which a company offers one of its services within
// address blocks that serve many, as it tells administrators of firewalls:
// support.apple.com/102266 (Apple Push) and firebase.google.com/docs/cloud-messaging
// (Firebase Cloud Messaging).
var services = [...]struct {
	owner uint32
	port  uint16
	app   uint32
}{
	{140, 5223, 20037},
	{126, 5228, 24779},
	{126, 5229, 24779},
	{126, 5230, 24779},
}

// Service is what a company whose address it is offers at the port; the company itself where nothing is known.
func (c *Catalogue) Service(owner *App, port uint16) *App {
	for i := range services {
		if s := &services[i]; owner != nil && s.owner == owner.ID && s.port == port {
			if a := c.App(s.app); a != nil {
				return a
			}
		}
	}
	return owner
}

// Owns says that the network n is of the company that a is, by its tag: whose
// its addresses are then says less than the network's own name.
func (a *App) Owns(n *App) bool {
	return n.Network && len(n.Tag) > len(a.Tag) && n.Tag[:len(a.Tag)] == a.Tag && n.Tag[len(a.Tag)] == '-'
}

// Organisation finds the application that an organisation in a certificate's
// name (RFC 4514, "C=DE, O=Example, CN=www") stands for. nil: none.
func (c *Catalogue) Organisation(dn []byte) *App {
	for i := range organisations {
		o := &organisations[i]
		for rest := dn; ; {
			at := bytes.Index(rest, []byte("O="))
			if at < 0 {
				break
			}
			first := at == 0 && len(rest) == len(dn) || at > 0 && rest[at-1] == ' '
			rest = rest[at+2:]
			if end := len(o.text); first && len(rest) >= end && string(rest[:end]) == o.text && (len(rest) == end || rest[end] == ',') {
				return c.App(o.app)
			}
		}
	}
	return nil
}

// Agent finds the application whose own program names itself so in HTTP. nil: none.
func (c *Catalogue) Agent(agent []byte) *App {
	for i := range agents {
		if a := &agents[i]; len(agent) >= len(a.text) && string(agent[:len(a.text)]) == a.text {
			return c.App(a.app)
		}
	}
	return nil
}
