'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.table as table';
'require netifyd.text as text';

/* Seconds that the curve shows. */
const shown = 300;

return view.extend({
	load: function() {
		return names.load();
	},

	render: function() {
		const self = this, box = E('div', {});

		this.words = E('p', { 'role': 'status' }, [ '' ]);
		this.warnings = E('div', {});
		this.chart = E('div', {});
		this.down = [];
		this.up = [];
		this.since = 0;
		this.by = 'now';
		this.rates = {};

		this.choice = E('select', { 'class': 'cbi-input-select', 'aria-label': _('Period'), 'change': function(ev) {
			self.by = ev.target.value;
			self.loop.now();
		} }, [ [ 'now', _('Now') ], [ 'today', _('Today') ], [ 'month', _('This period') ] ].map(function(o) { return E('option', { 'value': o[0] }, [ o[1] ]); }));

		this.devices = this.top(_('Device'), 'devices', 'device', function(r) { return names.of(r.device, r.name); });
		this.applications = this.top(_('Application'), 'flows', 'name', function(r) { return text.application(r.name); });
		this.loop = ask.live(3, box, function() { return self.refresh(); });

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
			{ title: _('Bytes'), end: true, cell: function(r) { return text.bytes(r.down + r.up); } }
		], { key: key });
	},

	refresh: function() {
		const self = this;

		return ask.ask('overview', { since: this.since || undefined, by: this.by }).then(function(o) {
			self.add(o);
			self.words.replaceChildren(self.sentence(o.words || {}));
			self.warnings.replaceChildren.apply(self.warnings, (o.warnings || []).map(function(w) {
				const both = text.warning(w);

				return E('div', { 'class': 'alert-message warning' }, [ E('strong', {}, [ both[0] ]), ' ', both[1] ]);
			}));
			self.chart.replaceChildren(chart.rates(self.down, self.up, o.step || 1, o.newest));
			self.devices.show(ask.rows(o.devices));
			self.applications.show(ask.rows(o.applications));
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
