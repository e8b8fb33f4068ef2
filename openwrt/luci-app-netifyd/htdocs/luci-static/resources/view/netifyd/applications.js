'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.table as table';
'require netifyd.text as text';

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
			} }, options.map(function(o) { return E('option', { 'value': o[0], 'selected': self[name] == o[0] ? '' : null }, [ o[1] ]); }));
		};

		this.by = 'application';
		this.period = 'today';
		this.sort = 'sum';
		this.rows = [];
		this.share = E('div', {});
		this.words = E('span', { 'role': 'status' }, [ '' ]);
		this.table = table.make([
			{ title: _('Name'), sort: 'key', cell: function(r) { return E('bdi', {}, [ text.application(r.key) ]); } },
			{ title: _('Down'), sort: 'down', end: true, cell: function(r) { return text.bytes(r.down); } },
			{ title: _('Up'), sort: 'up', end: true, cell: function(r) { return text.bytes(r.up); } },
			{ title: _('Flows'), sort: 'flows', end: true, wide: true, cell: function(r) { return text.number(r.flows, 0); } },
			{ title: _('Share'), sort: 'sum', end: true, wide: true, cell: function(r) { return text.percent(r.down + r.up, self.whole); } },
			{ title: '', wide: true, cell: function(r) { return chart.part(r.down + r.up, self.whole); } }
		], { key: 'key', sort: this.sort, sorted: function(s) { self.sort = s; self.show(); }, empty: _('Nothing was used yet.'), open: function(r) { return self.detail(r); } });

		this.loop = ask.live(10, box, function() { return self.refresh(); });

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Applications and hosts') ]),
			E('div', { 'class': 'netifyd-bar-of' }, [
				select(_('By'), 'by', [ [ 'application', _('Application') ], [ 'protocol', _('Protocol, where no application is known') ], [ 'category', _('Category') ], [ 'host', _('Host') ] ]),
				select(_('Period'), 'period', [ [ 'hour', _('This hour') ], [ 'today', _('Today') ], [ 'yesterday', _('Yesterday') ], [ '7d', _('7 days') ], [ 'month', _('This period') ], [ 'last-month', _('Last period') ] ]),
				this.words
			].concat(ask.keepers('netifyd', function() {
				return { columns: [ 'name', 'down', 'up', 'flows' ], rows: self.rows.map(function(r) { return [ r.key, r.down, r.up, r.flows ]; }) };
			}))),
			box, this.share, this.table.node
		]);
	},

	refresh: function() {
		const self = this, hosts = this.by == 'host';
		const asked = hosts ? ask.ask('hosts', { limit: 200 }) : ask.ask('usage', { by: this.by == 'protocol' ? 'application' : this.by, period: this.period, limit: 200 });

		return asked.then(function(reply) {
			self.rows = ask.rows(reply).map(function(r) {
				return { key: hosts ? r.host : r.application, down: r.down, up: r.up, sum: r.down + r.up, flows: r.flows };
			}).filter(function(r) { return self.by != 'protocol' || !/^netify\./.test(r.key); });
			self.whole = self.rows.reduce(function(n, r) { return n + r.down + r.up; }, 0);
			self.words.replaceChildren(hosts ? _('Hosts are counted since the agent runs; the smallest may be too high.') : reply.estimated ? _('The kernel counted part of it: the split by direction is near.') : '');
			self.share.replaceChildren(chart.share(self.rows.slice(0, 8).map(function(r) { return { name: text.application(r.key), value: r.down + r.up }; })));
			self.show();
		});
	},

	show: function() {
		const name = this.sort.replace('-', ''), way = this.sort == name ? 1 : -1;

		this.table.show(this.rows.slice().sort(function(a, b) {
			return way * (name == 'key' ? text.application(a.key).localeCompare(text.application(b.key)) : b[name] - a[name]);
		}));
	},

	/* Who used it, and which hosts it talks to. */
	detail: function(row) {
		const by = this.by, more = function(words, filter) {
			return E('p', {}, [ E('a', { 'href': L.url('admin/status/netifyd/flows') + '#filter=' + encodeURIComponent(filter) }, [ words ]) ]);
		};
		const list = function(title, rows, name, value) {
			return E('div', {}, [ E('h4', {}, [ title ]), E('table', { 'class': 'table' }, rows.length ? rows.map(function(r) {
				return E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td' }, [ E('bdi', {}, [ name(r) ]) ]), E('td', { 'class': 'td netifyd-end' }, [ value(r) ]) ]);
			}) : [ E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td' }, [ E('em', {}, [ _('Nothing yet.') ]) ]) ]) ]) ]);
		};
		const device = function(r) { return names.of(r.device, r.name); }, sum = function(r) { return text.bytes(r.down + r.up); };

		if (by == 'host')
			return ask.ask('hosts', { by: 'device,host', limit: 200 }).then(function(reply) {
				return E('div', {}, [
					list(_('Devices'), ask.rows(reply).filter(function(r) { return r.host == row.key; }), device, sum),
					more(_('Flows to this host'), 'host:' + row.key)
				]);
			});

		if (by == 'category')
			return ask.ask('devices', { filter: 'cat:' + row.key, limit: 20, sort: 'rate' }).then(function(reply) {
				return E('div', {}, [
					list(_('Devices that have such flows now'), ask.rows(reply), device, function(r) { return text.rate(r.rate); }),
					more(_('Flows of this category'), 'cat:' + row.key)
				]);
			});

		return Promise.all([
			ask.ask('usage', { by: 'device', application: row.key, period: this.period, limit: 20 }),
			L.resolveDefault(ask.ask('hosts', { application: row.key, limit: 10 }), {})
		]).then(function(both) {
			return E('div', { 'class': 'netifyd-columns' }, [
				list(_('Devices'), ask.rows(both[0]), device, sum),
				list(_('Hosts'), ask.rows(both[1]), function(r) { return r.host; }, sum)
			]);
		});
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
