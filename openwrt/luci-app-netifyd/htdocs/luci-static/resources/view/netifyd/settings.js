'use strict';
'require view';
'require form';
'require rpc';
'require uci';
'require ui';
'require tools.widgets as widgets';
'require netifyd.ask as ask';
'require netifyd.catalogue as catalogue';
'require netifyd.chart as chart';
'require netifyd.options as options';
'require netifyd.risks as risks';
'require netifyd.text as text';

/*
 * Every option of /etc/config/netifyd, built from options.json, which is made
 * from the agent's own table of options.
 */

const callSystem = rpc.declare({ object: 'system', method: 'info' });

/*
 * Which sections stand on which tab. What is named nowhere stands on the last. A
 * tab may begin with a grid: of sections that may be there several times.
 */
const tabs = [
	[ _('General'), [ 'netifyd', 'agent', 'log', 'control' ] ],
	[ _('Interfaces'), [ 'capture' ], 'interface' ],
	[ _('Memory and detection'), [ 'flows', 'hints', 'detection', 'applications' ] ],
	[ _('History'), [ 'usage' ] ],
	[ _('Streams'), [ 'clients' ], 'stream' ],
	[ _('Rules'), [ 'actions' ] ],
	[ _('Advanced'), [] ]
];

const memory = 2;

/* Rules, targets and groups have a page. */
const elsewhere = { interface: true, stream: true, rule: true, target: true, group: true };

return view.extend({
	load: function() {
		return Promise.all([
			options.load(),
			uci.load('netifyd'),
			L.resolveDefault(callSystem(), {}),
			catalogue.load()
		]);
	},

	render: function(data) {
		const self = this, all = data[0], total = (data[2].memory || {}).total || 0;
		const sid = options.sectionOf('netifyd', null) || uci.add('netifyd', 'netifyd');
		const m = new form.Map('netifyd', _('Netify agent'), _('What the agent watches, remembers and tells. Most changes keep flows and clients.'));
		const named = {};

		const s = m.section(form.NamedSection, sid, 'netifyd');

		this.map = m;
		this.singles = [];
		this.bill = E('div', { 'class': 'netifyd-bill', 'role': 'status' });

		tabs.forEach(function(t) { t[1].forEach(function(name) { named[name] = true; }); });

		tabs.forEach(function(t, i) {
			const tab = 'tab' + i, mine = all.filter(function(o) {
				return !elsewhere[o.section] && (i == tabs.length - 1 ? !named[o.section] : t[1].indexOf(o.section) >= 0);
			});

			if (!mine.length)
				return;

			s.tab(tab, t[0]);

			if (t[2])
				self.grid(s.taboption(tab, form.SectionValue, '_' + t[2], form.GridSection, t[2]).subsection, t[2], all.filter(function(o) { return o.section == t[2]; }));

			if (i == memory)
				s.taboption(tab, form.DummyValue, '_bill', _('What it takes')).renderWidget = function() { return self.bill; };

			mine.forEach(function(o) {
				const x = options.put(s, o, tab);

				/* What can be chosen. */
				if (o.key == 'detection.disabled')
					catalogue.protocols().forEach(function(name) { x.value(name); });
				else if (o.key == 'detection.disabled_risks')
					risks.numbers().forEach(function(id) { x.value(id, risks.name(id)); });

				self.singles.push(x);
			});
		});

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

			return E('div', { 'class': 'netifyd-page' }, [ ask.style(), self.faults, node ]);
		});
	},

	grid: function(s, type, mine) {
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
				x = options.put(s, o);
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
			const high = total && reply.bytes > total / 4, list = ask.rows(reply), costs = {};

			list.forEach(function(r) { costs[r.setting] = (costs[r.setting] || 0) + r.bytes; });
			self.singles.forEach(function(x) {
				x.cost.replaceChildren(costs[x.uciname.key] ? _('takes %s').format(text.bytes(costs[x.uciname.key])) : '');
			});
			self.bill.replaceChildren(
				E('p', { 'class': high ? 'netifyd-high' : '' }, [ E('strong', {}, [ total ? _('%s of %s').format(text.bytes(reply.bytes), text.bytes(total)) : text.bytes(reply.bytes) ]),
					high ? ' \u2014 ' + _('more than a quarter of this router\'s memory') : '' ]),
				chart.part(reply.bytes, total),
				E('details', {}, [ E('summary', {}, [ _('What for') ]), E('table', { 'class': 'table' }, list.map(function(r) {
					return E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td' }, [ r.what ]), E('td', { 'class': 'td netifyd-end' }, [ text.number(r.count, 0) ]), E('td', { 'class': 'td netifyd-end' }, [ text.bytes(r.bytes) ]) ]);
				})) ]));
		}, function(err) {
			self.bill.replaceChildren(E('p', {}, [ ask.away(err) ? _('The agent is not running: what these settings cost is not known.') : err.message ]));
		});
	},

	handleSave: function() {
		return options.save(this.map, this.faults, this.singles);
	}
});
