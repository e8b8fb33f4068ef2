'use strict';
'require view';
'require ui';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.table as table';
'require netifyd.text as text';

const page = 50;

/* Chips: what each leaves of the list. */
const chips = [
	[ 'online', _('Online'), 'state:active' ],
	[ 'new', _('New today'), 'state:new' ],
	[ 'hidden', _('Hidden'), 'state:hidden' ],
	[ 'randomised', _('Random address'), 'state:randomised' ]
];

/* Bytes down, which the list is sorted by, and up below them. */
function amount(down, up) {
	return [ text.bytes(down), E('small', { 'class': 'netifyd-under' }, [ '\u2191 ' + text.bytes(up) ]) ];
}

return view.extend({
	load: function() {
		return Promise.all([ names.load(), ask.may() ]);
	},

	render: function(data) {
		const self = this, box = E('div', {}), wanted = ask.placed('device');

		this.mine = data[1];
		this.offset = 0;
		this.sort = 'period_down';
		this.chip = '';
		this.words = E('span', { 'role': 'status' }, [ '' ]);
		this.filter = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'aria-label': _('Filter'), 'placeholder': _('Name, address or type') });
		this.list = table.make([
			{ title: _('Device'), sort: 'name', cell: function(r) {
				return [ names.cell(r.device, r.name), E('small', { 'class': 'netifyd-under' }, [ [ r.type, r.vendor, r.randomised ? _('random address') : '', r.resolver ? _('encrypted resolver') : '' ].filter(Boolean).join(', ') ]) ];
			} },
			{ title: _('Address'), wide: true, cell: function(r) {
				return [ E('bdi', { 'dir': 'ltr' }, [ r.addresses[0] || '' ]), r.addresses.length > 1 ? E('small', { 'class': 'netifyd-under' }, [ _('and %d more').format(r.addresses.length - 1) ]) : '' ];
			} },
			{ title: _('Rate'), sort: 'rate', end: true, wide: true, cell: function(r) { return r.rate ? text.rate(r.rate) : ''; } },
			{ title: _('Today'), sort: 'today_down', end: true, cell: function(r) { return amount(r.today_down, r.today_up); } },
			{ title: _('This period'), sort: 'period_down', end: true, cell: function(r) { return amount(r.period_down, r.period_up); } },
			{ title: '', wide: true, cell: function(r) { return chart.part(r.period_down + r.period_up, self.most); } },
			{ title: _('Seen'), sort: 'last', end: true, wide: true, cell: function(r) { return r.online ? _('online') : text.time(r.last); } }
		], { key: 'device', sort: this.sort, empty: _('No device fits. Devices appear when they send something.'), sorted: function(s) { self.sort = s; self.loop.now(); },
			open: function(r) { return self.detail(r); } });

		this.back = E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.offset = Math.max(0, self.offset - page); self.loop.now(); } }, [ '\u2039 ' + _('Back') ]);
		this.more = E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.offset += page; self.loop.now(); } }, [ _('More') + ' \u203a' ]);

		let typed = null;

		this.filter.addEventListener('input', function() {
			clearTimeout(typed);
			typed = setTimeout(function() { self.offset = 0; self.loop.now(); }, 400);
		});

		this.rows = [];
		this.loop = ask.live(10, box, function() { return self.refresh(); }, function(method, t) {
			const now = {};

			if (method == 'device')
				return self.loop.soon();

			if (method != 'tick')
				return;

			(t.devices || []).forEach(function(x) { now[x[0]] = x[1] + x[2]; });
			self.rows.forEach(function(r) { r.rate = now[r.id] || 0; });
			self.list.show(self.rows);
		});

		if (wanted)
			this.filter.value = wanted, this.wanted = wanted;

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Devices') ]),
			E('div', { 'class': 'netifyd-bar-of' }, [ this.filter ].concat(chips.map(function(c) {
				return E('button', { 'type': 'button', 'class': 'btn cbi-button', 'aria-pressed': 'false', 'click': function(ev) {
					self.chip = self.chip == c[2] ? '' : c[2];
					self.offset = 0;
					ev.target.parentNode.querySelectorAll('[aria-pressed]').forEach(function(b) {
						b.setAttribute('aria-pressed', b == ev.target && self.chip ? 'true' : 'false');
						b.classList.toggle('cbi-button-positive', b == ev.target && !!self.chip);
					});

					return self.loop.now();
				} }, [ c[1] ]);
			}))),
			box,
			this.list.node,
			E('div', { 'class': 'netifyd-bar-of' }, [ this.back, this.more, this.words ].concat(ask.keepers('netifyd-devices', function() {
				const columns = [ 'device', 'name', 'type', 'vendor', 'addresses', 'first', 'last', 'today_down', 'today_up', 'period_down', 'period_up' ];

				return { columns: columns, rows: self.rows.map(function(r) {
					const o = Object.assign({}, r, { name: names.of(r.device, r.name), addresses: r.addresses.join(' ') });

					return columns.map(function(c) { return o[c]; });
				}) };
			})))
		]);
	},

	refresh: function() {
		const self = this, filter = [ this.filter.value.trim(), this.chip ].filter(Boolean).join(' ');

		return ask.ask('devices', { filter: filter || undefined, sort: this.sort, offset: this.offset || undefined, limit: page }).then(function(reply) {
			const rows = ask.rows(reply);

			self.rows = rows;
			self.most = rows.reduce(function(n, r) { return Math.max(n, r.period_down + r.period_up); }, 0);
			self.list.show(rows);
			self.back.disabled = !self.offset;
			self.more.disabled = self.offset + rows.length >= reply.total;
			self.words.replaceChildren(rows.length ? _('%d to %d of %d devices').format(self.offset + 1, self.offset + rows.length, reply.total) : '');

			/* A link from another page opens its device. */
			if (self.wanted && rows.length == 1) {
				self.wanted = null;
				self.list.toggle(rows[0]);
			}
		});
	},

	detail: function(row) {
		const self = this;

		return ask.ask('device', { device: row.device, period: 'month' }).then(function(d) {
			const history = E('div', {}), steps = [ [ 'hours', 'hour', _('24 hours') ], [ 'days', 'day', _('31 days') ], [ 'months', 'month', _('13 months') ] ];
			const apps = ask.rows(d.applications), whole = apps.reduce(function(n, a) { return n + a.down + a.up; }, 0);
			const show = function(i) { history.replaceChildren(chart.bars(ask.rows(d[steps[i][0]]), steps[i][1])); };

			show(0);

			return E('div', {}, [
				E('div', { 'class': 'netifyd-bar-of' }, [
					E('select', { 'class': 'cbi-input-select', 'aria-label': _('Period'), 'change': function(ev) { show(+ev.target.value); } },
						steps.map(function(s, i) { return E('option', { 'value': i }, [ s[2] ]); })),
					E('a', { 'class': 'btn cbi-button', 'href': L.url('admin/status/netifyd/flows') + '#filter=' + encodeURIComponent('device:' + row.device) }, [ _('Flows') ])
				].concat(self.mine ? [
					E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { return self.edit(row); } }, [ _('Rename…') ]),
					E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': ui.createHandlerFn(self, 'change', 'device_set', { device: row.device, hidden: !row.hidden }) }, [ row.hidden ? _('Show') : _('Hide') ]),
					E('button', { 'type': 'button', 'class': 'btn cbi-button cbi-button-negative', 'click': function() { return self.forget(row); } }, [ _('Forget…') ])
				] : [])),
				history,
				E('h4', {}, [ _('Applications of this period') ]),
				chart.share(apps.map(function(a) { return { name: text.application(a.name), value: a.down + a.up }; })),
				E('table', { 'class': 'table' }, apps.slice(0, 20).map(function(a) {
					return E('tr', { 'class': 'tr' }, [
						E('td', { 'class': 'td' }, [ text.application(a.name) ]),
						E('td', { 'class': 'td netifyd-end' }, [ text.bytes(a.down + a.up) ]),
						E('td', { 'class': 'td netifyd-end' }, [ text.percent(a.down + a.up, whole) ])
					]);
				})),
				E('h4', {}, [ _('Names and addresses') ]),
				E('dl', { 'class': 'netifyd-fields' }, self.facts(row, d))
			]);
		});
	},

	/* What is known of a device, each with where it came from. */
	facts: function(row, d) {
		const list = [];
		const add = function(title, value) {
			if (value)
				list.push(E('dt', {}, [ title ]), E('dd', {}, [ E('bdi', {}, [ value ]) ]));
		};

		ask.rows(d.names).forEach(function(n) { add(_('Name, from %s').format(n.from), n.name); });
		add(_('Type'), row.type ? row.type + (row.type_from ? ' (' + row.type_from + ')' : '') : '');
		add(_('Hardware address'), row.device);
		(d.evidence || []).forEach(function(e) { add(_('It showed'), e); });
		add(_('Maker'), d.vendor);
		(d.addresses || row.addresses || []).forEach(function(a) { add(_('Address'), a); });
		add(_('First seen'), text.time(row.first));
		add(_('Last seen'), text.time(row.last));

		return list;
	},

	change: function(method, args) {
		const self = this;

		return ask.ask(method, args).then(function() {
			self.list.open = null;

			return self.loop.now();
		}, function(err) {
			ui.addNotification(null, E('p', {}, [ _('It was not changed: %s').format(err.message) ]), 'danger');
		});
	},

	edit: function(row) {
		const self = this;
		const name = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'maxlength': 63, 'value': row.name_from == 'user' ? row.name : '', 'placeholder': names.of(row.device, row.name), 'aria-label': _('Name') });
		const type = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'maxlength': 15, 'value': row.type_from == 'user' ? row.type : '', 'placeholder': row.type, 'aria-label': _('Type') });

		ui.showModal(_('Rename the device'), [
			E('p', {}, [ _('Your own name wins over every name that the agent hears. Leave it empty to take it away.') ]),
			E('p', {}, [ E('label', {}, [ _('Name'), ' ', name ]) ]),
			E('p', {}, [ E('label', {}, [ _('Type'), ' ', type ]) ]),
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button-positive', 'click': ui.createHandlerFn(this, function() {
					return self.change('device_set', { device: row.device, name: name.value.trim(), type: type.value.trim() }).then(ui.hideModal);
				}) }, [ _('Save') ])
			])
		]);
		name.focus();
	},

	forget: function(row) {
		const self = this;

		ui.showModal(_('Forget the device'), [
			E('p', {}, [ _('What %s used stays in the sums, as that of devices that are gone.').format(names.of(row.device, row.name)) ]),
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button-negative', 'click': ui.createHandlerFn(this, function() {
					return self.change('device_forget', { device: row.device }).then(ui.hideModal);
				}) }, [ _('Forget') ])
			])
		]);
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
