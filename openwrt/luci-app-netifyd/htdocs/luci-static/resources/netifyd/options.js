'use strict';
'require baseclass';
'require form';
'require request';
'require uci';
'require ui';
'require netifyd.ask as ask';

/*
 * Options of /etc/config/netifyd in a form: made from options.json, which is made
 * from the agent's own table of options, and asked of the agent before they are saved.
 */

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

	if (o.type == 'number' && (!/^(\d+|0x[0-9a-f]+)$/i.test(v) || +v < (o.min || 0) || (o.max && +v > o.max)))
		return _('Expecting: %s').format(_('a whole number from %d to %d').format(o.min || 0, o.max));

	if (o.type == 'size' && !/^\d+ *([KMGT]i?B?)?$/i.test(v))
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

/*
 * Puts an option into a section of the form. tab: where it stands in for a section
 * of its own type; what it costs and what is wrong with it is told beside it then.
 */
function put(section, o, tab) {
	const name = tab ? o.section + '_' + o.name : o.name, title = tab && o.section != 'netifyd' ? o.section + '.' + o.name : o.name;
	const x = tab ? section.taboption(tab, kindOf(o), name, title, describe(o)) : section.option(kindOf(o), name, title, describe(o));

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

	if (!tab)
		return x;

	const widget = x.renderWidget;

	x.cost = E('span', {});
	x.fault = E('div', { 'class': 'netifyd-high', 'aria-live': 'assertive' });
	x.renderWidget = function() {
		return E('div', {}, [ widget.apply(this, arguments), ' ', this.cost, this.fault ]);
	};
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

/* The file as it will be, and which option each line is of. */
function draft() {
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
}

return baseclass.extend({
	sectionOf: sectionOf,
	judge: judge,
	describe: describe,
	put: put,

	load: function() {
		return request.get(L.resource('netifyd/options.json')).then(function(r) { return r.json(); });
	},

	/* Saves a form, if the agent would take it. What is wrong is shown in box, and beside the option that it is of. */
	save: function(map, box, singles) {
		return map.parse().then(function() {
			const d = draft();

			return ask.ask('check', { text: d.text }).then(function(reply) {
				(singles || []).forEach(function(x) { x.fault.replaceChildren(''); });
				box.replaceChildren.apply(box, ask.rows(reply).map(function(f) {
					const line = String(f.place).match(/(\d+)$/);

					(singles || []).forEach(function(x) {
						if (line && d.places[line[1]] == x.uciname.section + '.' + x.uciname.name)
							x.fault.replaceChildren(f.text);
					});

					return E('div', { 'class': 'alert-message ' + (f.warning ? 'warning' : 'danger'), 'role': 'alert' }, [
						E('strong', {}, [ (line && d.places[line[1]]) || f.place ]), ' ', f.text
					]);
				}));

				if (!reply.good) {
					box.scrollIntoView();
					throw new Error(_('The agent would refuse these settings; nothing was saved.'));
				}
			}, function(err) {
				if (!ask.away(err))
					throw err;
			});
		}).then(function() {
			return map.save(null, true);
		}).catch(function(err) {
			if (err && err.message)
				ui.addNotification(null, E('p', {}, [ err.message ]), 'danger');

			throw err;
		});
	}
});
