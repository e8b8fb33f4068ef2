'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.text as text';

/* Seconds that the curve shows. */
const shown = 300;

const periods = [ [ 'now', _('Now') ], [ 'today', _('Today') ], [ 'month', _('This period') ] ];

/* A number that is seen from afar, with what it is and a few words more. */
function tile(kind, title) {
	const value = E('strong', {}, [ '\u2013' ]), words = E('small', {}, [ '\u00a0' ]);

	return {
		node: E('div', { 'class': 'tile tile-' + kind }, [ E('span', {}, [ title ]), value, words ]),
		set: function(v, w) {
			value.replaceChildren(v);
			words.replaceChildren(w || '\u00a0');
		}
	};
}

return view.extend({
	load: function() {
		return names.load();
	},

	render: function() {
		const self = this, box = E('div', {});

		this.tiles = { down: tile('down', _('Down now')), up: tile('up', _('Up now')), devices: tile('devices', _('Devices online')), flows: tile('flows', _('Flows')) };
		this.warnings = E('div', {});
		this.chart = E('div', {});
		this.down = [];
		this.up = [];
		this.since = 0;
		this.by = 'now';
		this.rates = {};
		this.lists = { devices: E('ol', { 'class': 'ranks' }), applications: E('ol', { 'class': 'ranks' }) };
		this.alerts = E('ul', { 'class': 'news' });
		this.about = E('p', { 'class': 'hint' });
		this.choice = E('div', { 'class': 'choice', 'role': 'group', 'aria-label': _('Period') }, periods.map(function(p) {
			return E('button', { 'type': 'button', 'aria-pressed': p[0] == self.by ? 'true' : 'false', 'click': function(ev) {
				self.by = p[0];
				self.choice.querySelectorAll('button').forEach(function(b) { b.setAttribute('aria-pressed', b == ev.currentTarget ? 'true' : 'false'); });
				self.loop.now();
			} }, [ p[1] ]);
		}));

		this.loop = ask.live(3, box, function() { return self.refresh(); });
		ask.live(30, E('div', {}), function() { return self.aside(); });

		const card = function(title, page, list) {
			return E('section', { 'class': 'card' }, [ E('header', {}, [ E('h3', {}, [ title ]), E('a', { 'href': page }, [ _('All') ]) ]), list ]);
		};

		return E('div', { 'class': 'netifyd-page' }, [
			E('h2', { 'class': 'unseen' }, [ _('Overview') ]),
			box, this.warnings,
			E('div', { 'class': 'tiles' }, [ this.tiles.down.node, this.tiles.up.node, this.tiles.devices.node, this.tiles.flows.node ]),
			E('section', { 'class': 'card' }, [ E('header', {}, [ E('h3', {}, [ _('The last five minutes') ]) ]), this.chart ]),
			this.choice,
			E('div', { 'class': 'netifyd-columns' }, [ card(_('Devices'), 'devices', this.lists.devices), card(_('Applications'), 'applications', this.lists.applications) ]),
			card(_('Latest alerts'), 'alerts', this.alerts),
			this.about
		]);
	},

	refresh: function() {
		const self = this;

		return ask.ask('overview', { since: this.since || undefined, by: this.by }).then(function(o) {
			const w = o.words || {}, when = { now: _('%s today'), today: _('%s today'), month: _('%s this period') }[self.by];

			self.add(o);
			self.tiles.down.set(text.rate(w.down_rate), when.format(text.bytes(w.down)));
			self.tiles.up.set(text.rate(w.up_rate), when.format(text.bytes(w.up)));
			self.tiles.devices.set(text.number(w.devices || 0, 0), w.new_devices ? _('%d new today').format(w.new_devices) : _('none new today'));
			self.tiles.flows.set(text.number(w.flows || 0, 0), w.lost ? _('%d packets lost').format(w.lost) : _('no packet lost'));
			self.warnings.replaceChildren.apply(self.warnings, (o.warnings || []).map(function(x) {
				const both = text.warning(x);

				return E('div', { 'class': 'alert-message warning' }, [ E('strong', {}, [ both[0] ]), ' ', both[1] ]);
			}));
			self.chart.replaceChildren(chart.rates(self.down, self.up, o.step || 1, o.newest));
			self.rank('devices', ask.rows(o.devices), 'device', function(r) { return names.of(r.device, r.name); });
			self.rank('applications', ask.rows(o.applications), 'name', function(r) { return text.application(r.name); });
		});
	},

	/* The first answer has five minutes, the later ones what is new. */
	add: function(o) {
		const wan = o.wan || {}, points = Math.ceil(shown / (o.step || 1));

		if (!this.since || o.newest < this.since)
			this.down = this.up = [];

		this.down = this.down.concat(wan.down || []).slice(-points);
		this.up = this.up.concat(wan.up || []).slice(-points);
		this.since = o.newest;
	},

	/* A list of the first ones: each a link, with its rate, its bytes, and a bar to compare. */
	rank: function(list, rows, key, name) {
		const self = this, now = this.by == 'now';
		const size = function(r) { return now ? r.down_rate + r.up_rate : r.down + r.up; }, most = Math.max.apply(null, rows.map(size).concat(1));

		this.lists[list].replaceChildren.apply(this.lists[list], rows.length ? rows.map(function(r) {
			const label = name(r), rate = r.down_rate + r.up_rate, past = self.past(list + r[key], rate);
			const where = list == 'devices' ? 'devices#device=' + encodeURIComponent(r.device) : 'flows#filter=' + encodeURIComponent((r.application ? 'app:' : 'proto:') + label);

			return E('li', {}, [ E('a', { 'href': where }, [
				E('span', { 'class': 'rank-name' }, [ list == 'devices' ? E('i', { 'class': r.online ? 'dot on' : 'dot' }) : '', E('bdi', {}, [ label ]), r.type ? E('small', {}, [ r.type ]) : '' ]),
				chart.spark(past),
				E('span', { 'class': 'rank-value' }, [ E('b', {}, [ now && rate ? text.rate(rate) : text.bytes(r.down + r.up) ]), now && rate ? E('small', {}, [ text.bytes(r.down + r.up) ]) : '' ]),
				chart.part(size(r), most)
			]) ]);
		}) : [ E('li', { 'class': 'nothing' }, [ list == 'devices' ? _('No device yet. Devices appear when they send something.') : _('Nothing was used yet.') ]) ]);
	},

	/* The last rates of a row, as this page saw them. */
	past: function(key, rate) {
		return this.rates[key] = (this.rates[key] || []).concat(rate).slice(-20);
	},

	/* What changes seldom: the last alerts, and how the agent does. */
	aside: function() {
		const self = this;

		return Promise.all([ ask.ask('alerts', { limit: 5 }), ask.ask('status', {}) ]).then(function(both) {
			const rows = ask.rows(both[0]).reverse(), s = both[1], lines = ask.rows(s.interfaces).map(function(i) { return i.name; });

			self.alerts.replaceChildren.apply(self.alerts, rows.length ? rows.map(function(a) {
				return E('li', { 'class': a.serious ? 'serious' : '' }, [ E('time', {}, [ text.time(a.last) ]), E('bdi', {}, [ text.alert(a, a.device ? names.of(a.device, a.name) : '') ]) ]);
			}) : [ E('li', { 'class': 'nothing' }, [ _('Nothing to tell.') ]) ]);

			self.about.replaceChildren(_('netifyd %s has run for %s and captures %s: %s packets, %s lost.').format(s.version, text.duration(s.uptime), lines.join(', ') || _('nothing'),
				text.number(s.capture.received, 0), text.number(s.capture.dropped, 0)));
		});
	}
});
