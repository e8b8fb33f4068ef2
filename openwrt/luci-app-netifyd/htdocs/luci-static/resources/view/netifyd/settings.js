'use strict';
'require view';
'require form';
'require request';
'require rpc';
'require uci';
'require ui';
'require tools.widgets as widgets';
'require netifyd.ask as ask';
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
	[ _('Advanced'), [] ]
];

/* Sections that may be there several times are grids; rules have a page. */
const grids = { 'interface': _('Interfaces'), stream: _('Streams') };
const elsewhere = { rule: true, action: true };

/* The section that has an option; else the last of its type. */
function sectionOf(type, name) {
	const all = uci.sections('netifyd', type);

	for (let i = all.length - 1; i >= 0; i--)
		if (name == null || all[i][name] != null)
			return all[i]['.name'];

	return all.length ? all[all.length - 1]['.name'] : null;
}

function seconds(v) {
	return /^\d+$/.test(v) || /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(v);
}

/* Says what is wrong with a value, in words; true if nothing is. */
function judge(o, v) {
	if (v === '' || v == null)
		return true;

	if (o.type == 'number' && (!/^\d+$/.test(v) || +v < (o.min || 0) || (o.max && +v > o.max)))
		return _('Expecting: %s').format(_('a whole number from %d to %d').format(o.min || 0, o.max));

	if (o.type == 'size' && !/^\d+ *([KMG]i?B?)?$/i.test(v))
		return _('Expecting: %s').format(_('a size such as 512KiB or 2MiB'));

	if (o.type == 'time' && !seconds(v))
		return _('Expecting: %s').format(_('a time such as 15s, 5m or 2h'));

	return true;
}

function kindOf(o) {
	if (o.list)
		return form.DynamicList;

	return { bool: form.Flag, choice: form.ListValue }[o.type] || form.Value;
}

function describe(o) {
	return _(o.doc) + (o.restart ? ' ' + _('A change restarts the agent.') : '');
}

/* Puts an option into a section of the form. single: it stands in for a section of its own type. */
function put(section, o, single) {
	const x = section.option(kindOf(o), single ? o.section + '_' + o.name : o.name,
		single && o.section != 'netifyd' ? o.section + '.' + o.name : o.name, describe(o));

	if (o.type == 'choice')
		o.choices.forEach(function(c) { x.value(c, c || _('as set elsewhere')); });

	x.placeholder = o['default'];
	x.optional = x.rmempty = true;
	x.validate = function(sid, v) { return judge(o, v); };

	if (o.type == 'bool') {
		x['default'] = o['default'] || '0';
		x.rmempty = false;
	}
	else if (o.type == 'choice') {
		x['default'] = o['default'];
	}

	if (!single)
		return x;

	x.uciname = o;
	x.cfgvalue = function() { return uci.get('netifyd', sectionOf(o.section, o.name) || 'none', o.name); };
	x.remove = function() {
		const sid = sectionOf(o.section, o.name);

		if (sid && uci.get('netifyd', sid, o.name) != null)
			uci.unset('netifyd', sid, o.name);
	};
	x.write = function(sid, v) {
		/* What is the default is not written where nothing was. */
		if (this.cfgvalue() == null && String(v) == o['default'])
			return;

		uci.set('netifyd', sectionOf(o.section, o.name) || uci.add('netifyd', o.section), o.name, v);
	};

	return x;
}

return view.extend({
	load: function() {
		return Promise.all([
			request.get(L.resource('netifyd/options.json')).then(function(r) { return r.json(); }),
			uci.load('netifyd'),
			L.resolveDefault(callSystem(), {})
		]);
	},

	render: function(data) {
		const self = this, options = data[0], total = (data[2].memory || {}).total || 0;
		const sid = sectionOf('netifyd', null) || uci.add('netifyd', 'netifyd');
		const m = new form.Map('netifyd', _('Netify agent'), _('What the agent watches, remembers and tells. Most changes keep flows and clients.'));
		const named = {};

		this.map = m;
		this.singles = [];
		this.options = options;
		m.tabbed = true;

		tabs.forEach(function(t) { t[1].forEach(function(name) { named[name] = true; }); });

		tabs.forEach(function(t, i) {
			const mine = options.filter(function(o) {
				if (grids[o.section] || elsewhere[o.section])
					return false;

				return i == tabs.length - 1 ? !named[o.section] : t[1].indexOf(o.section) >= 0;
			});

			if (mine.length) {
				const s = m.section(form.NamedSection, sid, 'netifyd', t[0]);

				mine.forEach(function(o) { self.singles.push(put(s, o, true)); });
			}

			if (i == 0)
				for (let type in grids)
					self.grid(m, type, options.filter(function(o) { return o.section == type; }));
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

	grid: function(m, type, options) {
		const s = m.section(form.GridSection, type, grids[type]);

		s.anonymous = s.addremove = true;
		s.nodescriptions = true;
		s.addbtntitle = type == 'stream' ? _('Add a stream') : _('Add an interface');

		options.forEach(function(o) {
			/* "device" is another word for name. */
			if (type == 'interface' && o.name == 'device')
				return;

			let x;

			if (type == 'interface' && (o.name == 'name' || o.name == 'network')) {
				x = s.option(o.name == 'name' ? widgets.DeviceSelect : widgets.NetworkSelect, o.name, o.name, describe(o));
				x.optional = x.rmempty = true;
				x.nocreate = true;
			}
			else {
				x = put(s, o, false);
			}

			x.modalonly = [ 'name', 'network', 'role', 'path', 'address', 'port', 'dialect' ].indexOf(o.name) < 0;
		});
	},

	/* What the memory of these settings would be. */
	count: function(total) {
		const self = this, values = {};

		this.singles.forEach(function(x) {
			const v = x.formvalue(x.section.section);

			if (x.uciname.key && v != null && v !== '' && !Array.isArray(v) && judge(x.uciname, v) === true)
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

	/* The file as it will be, and which option each line is of. */
	draft: function() {
		const lines = [], places = {};
		const quoted = function(v) { return '\'' + String(v).replace(/'/g, '\'\\\'\'') + '\''; };

		uci.sections('netifyd').forEach(function(s) {
			lines.push('config ' + s['.type'] + (s['.anonymous'] ? '' : ' ' + quoted(s['.name'])));

			for (let name in s) {
				if (name.charAt(0) == '.')
					continue;

				(Array.isArray(s[name]) ? s[name] : [ s[name] ]).forEach(function(v) {
					lines.push('\t' + (Array.isArray(s[name]) ? 'list ' : 'option ') + name + ' ' + quoted(v));
					places[lines.length] = s['.type'] + '.' + name;
				});
			}
		});

		return { text: lines.join('\n') + '\n', places: places };
	},

	handleSave: function(ev) {
		const self = this;

		return this.map.parse().then(function() {
			const draft = self.draft();

			return ask.ask('check', { text: draft.text }).then(function(reply) {
				const faults = ask.rows(reply);

				self.faults.replaceChildren.apply(self.faults, faults.map(function(f) {
					const line = String(f.place).match(/(\d+)$/);

					return E('div', { 'class': 'alert-message ' + (f.warning ? 'warning' : 'danger'), 'role': 'alert' }, [
						E('strong', {}, [ (line && draft.places[line[1]]) || f.place ]), ' ', f.text
					]);
				}));

				if (!reply.good) {
					self.faults.scrollIntoView();
					throw new Error(_('The agent would refuse these settings; nothing was saved.'));
				}
			}, function(err) {
				if (!ask.away(err))
					throw err;
			});
		}).then(function() {
			return self.map.save(null, true);
		}).catch(function(err) {
			if (err && err.message)
				ui.addNotification(null, E('p', {}, [ err.message ]), 'danger');

			throw err;
		});
	}
});
