'use strict';
'require view';
'require ui';
'require netifyd.ask as ask';
'require netifyd.catalogue as catalogue';
'require netifyd.names as names';
'require netifyd.risks as risks';
'require netifyd.table as table';
'require netifyd.text as text';

const page = 50;

/* Buttons that choose: what each adds to the filter. */
const chips = [
	[ _('At risk'), 'risk:any' ],
	[ _('New'), 'state:new' ],
	[ _('Guessed'), 'state:guessed' ],
	[ _('Both sides of NAT'), '' ]
];

/* What is special about a flow, in a word. */
const flags = { guessed: _('guessed by its port'), offloaded: _('offloaded'), nat: _('behind NAT'), hint: _('named by DNS'), soft: _('by your rule'), twin: _('the other side of NAT') };

return view.extend({
	load: function() {
		return names.load();
	},

	render: function() {
		const self = this, box = E('div', {});

		this.offset = 0;
		this.sort = 'rate';
		this.filter = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'aria-label': _('Filter'), 'value': ask.placed('filter'),
			'placeholder': 'device:tv app:netflix proto:quic port:443 !state:idle', 'dir': 'ltr' });
		this.count = E('span', { 'role': 'status' }, [ '' ]);
		this.list = table.make([
			{ title: _('Device'), sort: 'device', cell: function(r) { return E('bdi', {}, [ names.of(r.device) || r.local ]); } },
			{ title: _('Application'), sort: 'application', cell: function(r) {
				return E('span', {}, [ catalogue.application(r.application) || catalogue.protocol(r.protocol), E('small', { 'class': 'netifyd-under' }, [ [ r.application ? catalogue.protocol(r.protocol) : '' ].concat(r.flags.split(' ').map(function(f) {
					return flags[f] && f != 'hint' ? flags[f] : '';
				})).filter(Boolean).join(', ') ]), E('span', { 'class': 'netifyd-narrow' }, [ risks.mark(r.risks) ]) ]);
			} },
			{ title: _('Risk'), sort: 'risk', wide: true, cell: function(r) { return risks.mark(r.risks); } },
			{ title: _('Host'), sort: 'host', wide: true, cell: function(r) { return E('bdi', { 'dir': 'ltr' }, [ r.host || r.other ]); } },
			{ title: _('Rate'), sort: 'rate', end: true, cell: function(r) { return text.rate(r.rate); } },
			{ title: _('Bytes'), sort: 'bytes', end: true, cell: function(r) { return text.bytes(r.bytes); } },
			{ title: _('Age'), sort: 'age', end: true, wide: true, cell: function(r) { return text.duration(r.age); } }
		], { key: 'digest', sort: this.sort, empty: _('No flow fits.'), sorted: function(s) { self.sort = s; self.offset = 0; self.loop.now(); },
			open: function(r) { return self.detail(r); } });

		const back = E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.offset = Math.max(0, self.offset - page); self.loop.now(); } }, [ '\u2039 ' + _('Back') ]);
		const more = E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.offset += page; self.loop.now(); } }, [ _('More') + ' \u203a' ]);
		const every = E('select', { 'class': 'cbi-input-select', 'aria-label': _('Refresh'), 'change': function(ev) {
			localStorage.setItem('netifyd-refresh', ev.target.value);
			self.loop.set(+ev.target.value);
		} }, [ [ 3, _('every %d s').format(3) ], [ 10, _('every %d s').format(10) ], [ 30, _('every %d s').format(30) ], [ 0, _('off') ] ].map(function(o) {
			return E('option', { 'value': o[0] }, [ o[1] ]);
		}));
		const stored = localStorage.getItem('netifyd-refresh');
		let typed = null;

		every.value = [ '0', '3', '10', '30' ].indexOf(stored) < 0 ? '3' : stored;
		this.back = back;
		this.more = more;

		this.filter.addEventListener('input', function() {
			clearTimeout(typed);
			typed = setTimeout(function() {
				self.offset = 0;
				ask.place('filter', self.filter.value);
				self.loop.now();
			}, 400);
		});

		this.rows = [];
		this.chosen = {};
		this.loop = ask.live(+every.value, box, function() { return self.refresh(); });

		/* Rows are there at once, names as they come: there are thousands. */
		Promise.all([ catalogue.load(), names.devices() ]).then(function() { self.list.show(self.rows); });

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Flows') ]),
			E('div', { 'class': 'netifyd-bar-of' }, [ this.filter, every, E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() { self.loop.now(); } }, [ _('Refresh') ]) ]),
			E('div', { 'class': 'netifyd-bar-of' }, chips.map(function(c) {
				return E('button', { 'type': 'button', 'class': 'btn cbi-button', 'aria-pressed': 'false', 'click': function(ev) {
					const on = self.chosen[c[0]] = !self.chosen[c[0]];

					ev.target.setAttribute('aria-pressed', on);
					ev.target.classList.toggle('cbi-button-positive', on);
					self.offset = 0;

					return self.loop.now();
				} }, [ c[0] ]);
			})),
			box,
			this.list.node,
			E('div', { 'class': 'netifyd-bar-of' }, [ back, more, this.count ].concat(ask.keepers('netifyd-flows', function() {
				const columns = [ 'device', 'name', 'application', 'protocol', 'host', 'local', 'other', 'down_rate', 'up_rate', 'bytes', 'age', 'risk' ];

				return { columns: columns, rows: self.rows.map(function(r) {
					const o = Object.assign({}, r, { name: names.of(r.device), application: catalogue.application(r.application), protocol: catalogue.protocol(r.protocol) });

					return columns.map(function(c) { return o[c]; });
				}) };
			}))),
			E('details', {}, [
				E('summary', {}, [ _('What can be typed') ]),
				E('p', {}, [ _('Words are parted by blanks and all must fit. A word alone fits where the device, the application, the protocol, the host or an address holds it. The keys look at one thing: device, app, cat, proto, host, port, iface, net, state and risk, each with a colon behind it. An exclamation mark before a word negates it.') ])
			])
		]);
	},

	refresh: function() {
		const self = this;

		return ask.ask('flows', { filter: this.wanted() || undefined, sort: this.sort, offset: this.offset || undefined, limit: page }).then(function(reply) {
			const rows = ask.rows(reply);

			self.filter.removeAttribute('aria-invalid');
			self.rows = rows;
			self.list.show(rows);
			self.back.disabled = !self.offset;
			self.more.disabled = self.offset + rows.length >= reply.total;
			self.count.replaceChildren(rows.length ? _('%d to %d of %d flows').format(self.offset + 1, self.offset + rows.length, reply.total) : '');
		}, function(err) {
			self.filter.setAttribute('aria-invalid', 'true');
			throw err;
		});
	},

	/* What is typed, and what the buttons add. Traffic that is translated is shown once, unless both sides are wanted. */
	wanted: function() {
		const self = this, words = [ this.filter.value.trim() ].concat(chips.map(function(c) { return self.chosen[c[0]] ? c[1] : ''; }));

		if (!this.chosen[chips[3][0]] && !/state:twin/.test(words[0]))
			words.push('!state:twin');

		return words.filter(Boolean).join(' ');
	},

	/* Every field of the flow's event. */
	detail: function(row) {
		return ask.ask('flow', { digest: row.digest }).then(function(reply) {
			const fields = [], json = JSON.stringify(reply, null, 2);

			(function walk(o, path) {
				for (let name in o) {
					const v = o[name], at = path ? path + '.' + name : name;

					if (v && typeof(v) == 'object' && !Array.isArray(v))
						walk(v, at);
					else if (v !== '' && v !== null)
						fields.push(E('dt', {}, [ at ]), E('dd', {}, [ E('bdi', { 'dir': 'ltr' }, [ Array.isArray(v) ? v.map(function(x) { return typeof(x) == 'object' ? JSON.stringify(x) : x; }).join(', ') : String(v) ]) ]));
				}
			})(reply, '');

			return E('div', {}, [
				E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function(ev) {
					const b = ev.target, done = function() { b.replaceChildren(_('Copied')); };

					if (navigator.clipboard && window.isSecureContext)
						return navigator.clipboard.writeText(json).then(done);

					/* Routers are mostly reached without TLS, where the clipboard is closed: mark the text instead. */
					const area = E('textarea', { 'readonly': '', 'rows': 10, 'style': 'width:100%' }, [ json ]);

					b.parentNode.appendChild(area);
					area.select();

					return document.execCommand('copy') ? done() : null;
				} }, [ _('Copy as JSON') ]),
				row.risks.length ? E('ul', {}, risks.words(row.risks).map(function(w) { return E('li', { 'class': 'netifyd-high' }, [ w ]); })) : '',
				E('dl', { 'class': 'netifyd-fields' }, fields)
			]);
		});
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
