'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.table as table';
'require netifyd.text as text';

/* Seconds that the curve shows. */
const shown = 300;

/* Warnings whose remedy is an option. */
const settings = /^(interface_|no_capture|capture_losing|table_full|clients_full|history_in_memory)/;

return view.extend({
	load: function() {
		return Promise.all([ names.load(), ask.may() ]);
	},

	render: function(data) {
		const self = this, box = E('div', {});

		this.words = E('p', { 'role': 'status' }, [ '' ]);
		this.warnings = E('div', {});
		this.chart = E('div', {});
		this.down = [];
		this.up = [];
		this.since = 0;
		this.by = 'now';
		this.rates = {};
		this.rows = [ [], [] ];
		this.mine = data[1];

		this.choice = E('select', { 'class': 'cbi-input-select', 'aria-label': _('Period'), 'change': function(ev) {
			self.by = ev.target.value;
			self.loop.now();
		} }, [ [ 'now', _('Now') ], [ 'today', _('Today') ], [ 'month', _('This period') ] ].map(function(o) { return E('option', { 'value': o[0] }, [ o[1] ]); }));

		this.devices = this.top(_('Device'), 'devices', 'device', function(r) { return names.of(r.device, r.name); });
		this.applications = this.top(_('Application'), 'flows', 'name', function(r) { return text.application(r.name); });
		this.loop = ask.live(3, box, function() { return self.refresh(); }, function(method, t) {
			if (method == 'tick' && self.since)
				self.told(t);
			else
				self.loop.soon();
		});

		return this.layout(box);
	},

	/* Where things stand. box: for what went wrong. */
	layout: function(box) {
		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Traffic') ]),
			box, this.words, this.warnings, this.chart,
			E('div', { 'class': 'netifyd-bar-of' }, [ this.choice ]),
			E('div', { 'class': 'netifyd-columns' }, [
				E('div', {}, [ E('h3', {}, [ _('Devices') ]), this.devices.node ]),
				E('div', {}, [ E('h3', {}, [ _('Applications') ]), this.applications.node ])
			])
		]);
	},

	warn: function(what, remedy, button) {
		return E('div', { 'class': 'alert-message warning' }, [ E('strong', {}, [ what ]), ' ', remedy, button ? E('div', {}, [ button ]) : '' ]);
	},

	link: function(words, page, hash) {
		return E('a', { 'class': 'btn cbi-button', 'href': L.url.apply(L, page) + (hash || '') }, [ words ]);
	},

	/* One of the two lists: the name leads to the page that shows more. */
	top: function(title, page, key, name) {
		const self = this;

		return table.make([
			{ title: title, cell: function(r) {
				const label = name(r);

				return E('a', { 'href': L.url('admin/status/netifyd', page) + '#' + (page == 'devices' ? 'device=' + encodeURIComponent(r.device) : 'filter=' + encodeURIComponent((r.application ? 'app:' : 'proto:') + label)) },
					[ E('bdi', {}, [ label ]) ]);
			} },
			{ title: _('Rate'), end: true, cell: function(r) { return text.rate(r.down_rate + r.up_rate); } },
			{ title: '', wide: true, cell: function(r) { return chart.spark(self.past(key + ' ' + r[key], r)); } },
			{ title: _('Bytes'), end: true, cell: function(r) {
				const sum = text.bytes(r.down + r.up);

				return self.by == 'now' ? _('%s today').format(sum) : sum;
			} }
		], { key: key });
	},

	refresh: function() {
		const self = this;

		return ask.ask('overview', { since: this.since || undefined, by: this.by }).then(function(o) {
			self.add(o);
			self.said = o.words || {};
			self.words.replaceChildren(self.sentence(self.said));
			const warnings = (o.warnings || []).map(function(w) {
				const both = text.warning(w);

				return self.warn(both[0], both[1], self.mine && settings.test(w.id) ? self.link(_('Settings'), [ 'admin/services/netifyd/settings' ]) : null);
			}), risky = (o.words || {}).at_risk;

			if (risky)
				warnings.push(self.warn(_('In the last hour, %d times a device had a flow with a high risk.').format(risky), _('Look what it was, and update or part the device if it goes on.'),
					self.link(_('Alerts'), [ 'admin/status/netifyd/alerts' ])));

			self.warnings.replaceChildren.apply(self.warnings, warnings);
			self.step = o.step || 1;
			self.draw();
			self.rows = [ ask.rows(o.devices), ask.rows(o.applications) ];
			self.devices.show(self.rows[0]);
			self.applications.show(self.rows[1]);
		});
	},

	draw: function() {
		this.chart.replaceChildren(chart.rates(this.down, this.up, this.step, this.since));
	},

	/* What the agent tells by itself: the newest point of the curve, and rates. */
	told: function(t) {
		const self = this, ids = [ function(r) { return r.id; }, function(r) { return r.application || 2147483648 + r.protocol; } ];
		let missing = t.newest > this.since + 1.5 * this.step;

		if (t.newest > this.since && !missing) {
			this.add({ wan: { down: [ t.wan[0] ], up: [ t.wan[1] ] }, step: this.step, newest: t.newest });
			this.draw();
		}

		this.words.replaceChildren(this.sentence(Object.assign({}, this.said, { flows: t.flows, down_rate: t.wan[0], up_rate: t.wan[1] })));

		[ t.devices || [], t.apps || [] ].forEach(function(told, i) {
			const now = {}, rows = self.rows[i];

			told.forEach(function(x) { now[x[0]] = x; });
			rows.forEach(function(r) {
				const x = now[ids[i](r)] || [ 0, 0, 0 ];

				r.down_rate = x[1];
				r.up_rate = x[2];
				delete now[ids[i](r)];
			});

			if (self.by == 'now') {
				rows.sort(function(a, b) { return b.down_rate + b.up_rate - a.down_rate - a.up_rate; });
				missing = missing || told.slice(0, 8).some(function(x) { return now[x[0]]; });
			}

			self[i ? 'applications' : 'devices'].show(rows);
		});

		if (missing)
			this.loop.soon();
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

	/* The last rates of a row, as this page saw them. */
	past: function(key, r) {
		const list = this.rates[key] = (this.rates[key] || []).concat(r.down_rate + r.up_rate).slice(-20);

		return list;
	},

	sentence: function(w) {
		return [
			_('%d devices online, %d of them new today.').format(w.devices || 0, w.new_devices || 0),
			_('%d flows.').format(w.flows || 0),
			_('%s down, %s up.').format(text.rate(w.down_rate), text.rate(w.up_rate))
		].join(' ');
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
