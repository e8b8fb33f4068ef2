'use strict';
'require view';
'require form';
'require rpc';
'require uci';
'require ui';
'require tools.widgets as widgets';
'require netifyd.ask as ask';
'require netifyd.options as options';
'require netifyd.text as text';

/*
 * Every option of /etc/config/netifyd, built from options.json, which is made
 * from the agent's own table of options.
 */

const callSystem = rpc.declare({ object: 'system', method: 'info' });

/* Which sections stand on which tab. What is named nowhere stands on the last. */
const tabs = [
	[ _('General'), [ 'netifyd', 'agent', 'log', 'control' ] ],
	[ _('Memory and detection'), [ 'flows', 'hints', 'detection', 'applications' ] ],
	[ _('Capture'), [ 'capture' ] ],
	[ _('History'), [ 'usage' ] ],
	[ _('Clients'), [ 'clients' ] ],
	[ _('Rules'), [ 'actions' ] ],
	[ _('Advanced'), [] ]
];

/* Sections that may be there several times are grids; rules have a page. */
const grids = { 'interface': _('Interfaces'), stream: _('Streams') };
const elsewhere = { rule: true, target: true, group: true };

return view.extend({
	load: function() {
		return Promise.all([
			options.load(),
			uci.load('netifyd'),
			L.resolveDefault(callSystem(), {})
		]);
	},

	render: function(data) {
		const self = this, all = data[0], total = (data[2].memory || {}).total || 0;
		const sid = options.sectionOf('netifyd', null) || uci.add('netifyd', 'netifyd');
		const m = new form.Map('netifyd', _('Netify agent'), _('What the agent watches, remembers and tells. Most changes keep flows and clients.'));
		const named = {};

		this.map = m;
		this.singles = [];
		m.tabbed = true;

		tabs.forEach(function(t) { t[1].forEach(function(name) { named[name] = true; }); });

		tabs.forEach(function(t, i) {
			const mine = all.filter(function(o) {
				if (grids[o.section] || elsewhere[o.section])
					return false;

				return i == tabs.length - 1 ? !named[o.section] : t[1].indexOf(o.section) >= 0;
			});

			if (mine.length) {
				const s = m.section(form.NamedSection, sid, 'netifyd', t[0]);

				mine.forEach(function(o) { self.singles.push(options.put(s, o, true)); });
			}

			if (i == 0)
				for (let type in grids)
					self.grid(m, type, all.filter(function(o) { return o.section == type; }));
		});

		this.bill = E('div', { 'class': 'cbi-section', 'role': 'status' });
		this.faults = E('div', {});

		return m.render().then(function(node) {
			let typed = null;

			self.count(total);
			[ 'input', 'change', 'widget-change' ].forEach(function(e) {
				node.addEventListener(e, function() {
					clearTimeout(typed);
					typed = setTimeout(function() { self.count(total); }, 600);
				});
			});

			return E('div', { 'class': 'netifyd-page' }, [ ask.style(), self.faults, node, self.bill ]);
		});
	},

	grid: function(m, type, mine) {
		const s = m.section(form.GridSection, type, grids[type]);

		s.anonymous = s.addremove = true;
		s.nodescriptions = true;
		s.addbtntitle = type == 'stream' ? _('Add a stream') : _('Add an interface');

		mine.forEach(function(o) {
			/* "device" is another word for name. */
			if (type == 'interface' && o.name == 'device')
				return;

			let x;

			if (type == 'interface' && (o.name == 'name' || o.name == 'network')) {
				x = s.option(o.name == 'name' ? widgets.DeviceSelect : widgets.NetworkSelect, o.name, o.name, options.describe(o));
				x.optional = x.rmempty = true;
				x.nocreate = true;
			}
			else {
				x = options.put(s, o, false);
			}

			x.modalonly = [ 'name', 'network', 'role', 'path', 'address', 'port', 'dialect' ].indexOf(o.name) < 0;
		});
	},

	/* What the memory of these settings would be. */
	count: function(total) {
		const self = this, values = {};

		this.singles.forEach(function(x) {
			const v = x.formvalue(x.section.section);

			if (x.uciname.key && v != null && v !== '' && !Array.isArray(v) && options.judge(x.uciname, v) === true)
				values[x.uciname.key] = x.uciname.type == 'bool' ? (v == '1' ? 'true' : 'false') : v;
		});

		return ask.ask('plan', { values: values }).then(function(reply) {
			const high = total && reply.bytes > total / 4;

			self.bill.replaceChildren(
				E('h3', {}, [ _('Memory') ]),
				E('p', { 'class': high ? 'netifyd-high' : '' }, [ total ? _('%s of %s').format(text.bytes(reply.bytes), text.bytes(total)) : text.bytes(reply.bytes),
					high ? ' \u2014 ' + _('more than a quarter of this router\'s memory') : '' ]),
				E('table', { 'class': 'table' }, ask.rows(reply).map(function(r) {
					return E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td' }, [ r.what ]), E('td', { 'class': 'td netifyd-end' }, [ text.number(r.count, 0) ]), E('td', { 'class': 'td netifyd-end' }, [ text.bytes(r.bytes) ]) ]);
				})));
		}, function(err) {
			self.bill.replaceChildren(E('p', {}, [ ask.away(err) ? _('The agent is not running: what these settings cost is not known.') : err.message ]));
		});
	},

	handleSave: function() {
		return options.save(this.map, this.faults);
	}
});
