'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.table as table';
'require netifyd.text as text';

/* Gives the browser a file to keep. */
function keep(name, type, data) {
	const url = URL.createObjectURL(new Blob([ data ], { type: type })), a = E('a', { 'href': url, 'download': name });

	a.click();
	setTimeout(function() { URL.revokeObjectURL(url); }, 1000);
}

/* A cell of CSV. What a spreadsheet would take for a formula begins with a quote. */
function cell(v) {
	const s = String(v).replace(/^([=+@\t\r-])/, '\'$1');

	return /[",\n\r]/.test(s) ? '"' + s.replace(/"/g, '""') + '"' : s;
}

return view.extend({
	load: function() {
		return names.load();
	},

	render: function() {
		const self = this, box = E('div', {});
		const select = function(label, name, options) {
			return E('select', { 'class': 'cbi-input-select', 'aria-label': label, 'change': function(ev) {
				self[name] = ev.target.value;
				self.table.open = null;
				self.loop.now();
			} }, options.map(function(o) { return E('option', { 'value': o[0] }, [ o[1] ]); }));
		};

		this.by = 'application';
		this.period = 'today';
		this.rows = [];
		this.share = E('div', {});
		this.words = E('span', { 'role': 'status' }, [ '' ]);
		this.table = table.make([
			{ title: _('Name'), cell: function(r) { return E('bdi', {}, [ text.application(r.key) ]); } },
			{ title: _('Down'), end: true, cell: function(r) { return text.bytes(r.down); } },
			{ title: _('Up'), end: true, cell: function(r) { return text.bytes(r.up); } },
			{ title: _('Share'), end: true, wide: true, cell: function(r) { return text.percent(r.down + r.up, self.whole); } },
			{ title: '', wide: true, cell: function(r) { return chart.part(r.down + r.up, self.whole); } }
		], { key: 'key', empty: _('Nothing was used yet.'), open: function(r) { return self.detail(r); } });

		this.loop = ask.live(10, box, function() { return self.refresh(); });

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Applications and hosts') ]),
			E('div', { 'class': 'netifyd-bar-of' }, [
				select(_('By'), 'by', [ [ 'application', _('Application') ], [ 'category', _('Category') ], [ 'host', _('Host') ] ]),
				select(_('Period'), 'period', [ [ 'hour', _('This hour') ], [ 'today', _('Today') ], [ 'yesterday', _('Yesterday') ], [ '7d', _('7 days') ], [ 'month', _('This period') ], [ 'last-month', _('Last period') ] ]),
				E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.csv(); } }, [ 'CSV' ]),
				E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { keep('netifyd.json', 'application/json', JSON.stringify(self.rows, null, 2)); } }, [ 'JSON' ]),
				this.words
			]),
			box, this.share, this.table.node
		]);
	},

	refresh: function() {
		const self = this, hosts = this.by == 'host';
		const asked = hosts ? ask.ask('hosts', { limit: 200 }) : ask.ask('usage', { by: this.by, period: this.period, limit: 200 });

		return asked.then(function(reply) {
			self.rows = ask.rows(reply).map(function(r) {
				return { key: hosts ? r.host : r.application, down: r.down, up: r.up, flows: r.flows };
			});
			self.whole = self.rows.reduce(function(n, r) { return n + r.down + r.up; }, 0);
			self.words.replaceChildren(hosts ? _('Hosts are counted since the agent runs; the smallest may be too high.') : reply.estimated ? _('The kernel counted part of it: the split by direction is near.') : '');
			self.share.replaceChildren(chart.share(self.rows.slice(0, 8).map(function(r) { return { name: text.application(r.key), value: r.down + r.up }; })));
			self.table.show(self.rows);
		});
	},

	/* Who used it, and which hosts it talks to. */
	detail: function(row) {
		if (this.by == 'host')
			return E('p', {}, [ E('a', { 'href': L.url('admin/status/netifyd/flows') + '#filter=' + encodeURIComponent('host:' + row.key) }, [ _('Flows to this host') ]) ]);

		if (this.by == 'category')
			return E('p', {}, [ E('a', { 'href': L.url('admin/status/netifyd/flows') + '#filter=' + encodeURIComponent('cat:' + row.key) }, [ _('Flows of this category') ]) ]);

		return Promise.all([
			ask.ask('usage', { by: 'device', application: row.key, period: this.period, limit: 20 }),
			L.resolveDefault(ask.ask('hosts', { application: row.key, limit: 10 }), {})
		]).then(function(both) {
			const list = function(title, rows, name) {
				return E('div', {}, [ E('h4', {}, [ title ]), E('table', { 'class': 'table' }, rows.map(function(r) {
					return E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td' }, [ E('bdi', {}, [ name(r) ]) ]), E('td', { 'class': 'td netifyd-end' }, [ text.bytes(r.down + r.up) ]) ]);
				})) ]);
			};

			return E('div', { 'class': 'netifyd-columns' }, [
				list(_('Devices'), ask.rows(both[0]), function(r) { return names.of(r.device, r.name); }),
				list(_('Hosts'), ask.rows(both[1]), function(r) { return r.host; })
			]);
		});
	},

	csv: function() {
		keep('netifyd.csv', 'text/csv', [ 'name,down,up,flows' ].concat(this.rows.map(function(r) {
			return [ r.key, r.down, r.up, r.flows ].map(cell).join(',');
		})).join('\r\n') + '\r\n');
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
