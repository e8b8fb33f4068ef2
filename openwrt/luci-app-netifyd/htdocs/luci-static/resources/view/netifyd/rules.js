'use strict';
'require view';
'require form';
'require uci';
'require ui';
'require netifyd.ask as ask';
'require netifyd.names as names';
'require netifyd.options as options';
'require netifyd.text as text';

/* What a rule's page shows at once; the rest is behind Edit. */
const shown = {
	rule: [ 'enabled', 'criteria', 'times', 'targets' ],
	target: [ 'enabled', 'type', 'set', 'labels', 'mark' ],
	group: [ 'members' ]
};

/* An expression's text in quotes. */
function quoted(s) {
	return '\'' + String(s).replace(/['\\]/g, '\\$&') + '\'';
}

return view.extend({
	load: function() {
		return Promise.all([ options.load(), uci.load('netifyd'), names.load(),
			L.resolveDefault(ask.ask('devices', { limit: 200, sort: 'last' }), {}),
			L.resolveDefault(ask.ask('usage', { by: 'application', period: 'month', limit: 200 }), {}),
			L.resolveDefault(ask.ask('categories'), {}) ]);
	},

	render: function(data) {
		const self = this, box = E('div', {});
		const m = new form.Map('netifyd', _('Rules'),
			_('A rule tells your firewall or shaper of flows: it puts them into a set, or gives their connection a label or a mark. The agent itself blocks nothing: a rule of the firewall decides what becomes of them.'));

		this.map = m;
		this.faults = E('div', {});
		this.list = E('div', {});
		this.devices = ask.rows(data[3]);
		this.applications = ask.rows(data[4]);
		this.categories = ask.rows(data[5]);

		this.grid(m, 'rule', _('Rules'), _('Add a rule'), data[0]);
		this.grid(m, 'target', _('Targets'), _('Add a target'), data[0]);
		this.grid(m, 'group', _('Groups of addresses'), _('Add a group'), data[0]);

		this.loop = ask.live(10, box, function() { return self.refresh(); });

		return m.render().then(function(node) {
			return E('div', { 'class': 'netifyd-page' }, [
				ask.style(), self.faults, box,
				E('h2', {}, [ _('What the rules do') ]),
				self.list,
				E('div', { 'class': 'netifyd-bar-of' }, [
					E('button', { 'type': 'button', 'class': 'btn cbi-button cbi-button-add', 'click': function() { self.wizard(); } }, [ _('New rule in words…') ])
				]),
				node
			]);
		});
	},

	grid: function(m, type, title, add, all) {
		const s = m.section(form.GridSection, type, title);

		s.anonymous = false;
		s.addremove = s.sortable = true;
		s.nodescriptions = true;
		s.addbtntitle = add;

		all.forEach(function(o) {
			if (o.section != type || o.name == 'name')
				return;

			const x = options.put(s, o);

			x.modalonly = shown[type].indexOf(o.name) < 0;

			if (o.name == 'targets')
				x.load = function(sid) {
					uci.sections('netifyd', 'target').forEach(function(t) { x.value(t['.name']); });

					return form.DynamicList.prototype.load.call(this, sid);
				};
		});
	},

	refresh: function() {
		const self = this;

		return ask.ask('rules').then(function(reply) {
			const rows = ask.rows(reply), now = Date.now() / 1000;

			self.list.replaceChildren.apply(self.list, rows.length ? rows.map(function(r) {
				return E('div', { 'class': 'netifyd-rule' }, [
					E('p', {}, [ E('strong', {}, [ E('bdi', {}, [ r.rule ]) ]), ' \u2014 ', self.sentence(r) ]),
					E('p', { 'class': 'netifyd-under' }, [ [
						!r.enabled ? _('switched off') : r.paused_until > now ? _('paused until %s').format(text.time(r.paused_until)) : r.active ? _('at work') : _('not now'),
						_('%d flows matched, %d match now').format(r.hits, r.flows),
						r.last ? _('last %s').format(text.time(r.last)) : '',
						r.error ? _('error: %s').format(r.error) : ''
					].filter(Boolean).join(' \u00b7 ') ]),
					E('div', { 'class': 'netifyd-bar-of' }, r.paused_until > now
						? [ self.pause(r, 0, _('Go on')) ]
						: [ self.pause(r, 900, _('Pause 15 min')), self.pause(r, 3600, _('Pause 1 h')), self.pause(r, self.tomorrow(), _('Pause until tomorrow')) ])
				]);
			}) : [ E('p', {}, [ E('em', {}, [ _('There are no rules yet.') ]) ]) ]);

			ask.rows(reply.targets).forEach(function(t) {
				/* What failed once and works again is told in small letters. */
				if (t.failing)
					self.list.appendChild(E('div', { 'class': 'alert-message warning' }, [ E('strong', {}, [ t.target ]), ' ', t.error ]));
				else if (t.error)
					self.list.appendChild(E('p', { 'class': 'netifyd-under' }, [ _('%s works again; its newest error, at %s: %s').format(t.target, text.time(t.error_at), t.error) ]));
			});
		});
	},

	sentence: function(r) {
		const when = (r.times || []).join(', '), what = (r.targets || []).join(', ');

		return when ? _('When %s, at %s, then %s').format(r.criteria, when, what) : _('When %s, then %s').format(r.criteria, what);
	},

	tomorrow: function() {
		const d = new Date();

		return Math.round((new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1) - d) / 1000);
	},

	pause: function(r, seconds, words) {
		const self = this;

		return E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': ui.createHandlerFn(this, function() {
			return ask.ask('rule_pause', { rule: r.rule, seconds: seconds }).then(function() { return self.loop.now(); }, function(err) {
				ui.addNotification(null, E('p', {}, [ err.message ]), 'danger');
			});
		}) }, [ words ]);
	},

	/* Makes a rule of who, what, when and then. */
	wizard: function() {
		const self = this, list = function(label, items) {
			return E('select', { 'class': 'cbi-input-select', 'aria-label': label }, items.map(function(i) { return E('option', { 'value': i[0] }, [ i[1] ]); }));
		};
		const name = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'aria-label': _('Name of the rule'), 'pattern': '[A-Za-z0-9_]+' });
		const who = list(_('Device'), [ [ '', _('Any device') ] ].concat(this.devices.map(function(d) { return [ d.device, names.of(d.device, d.name) ]; })));
		const what = list(_('Uses'), [ [ '', _('Anything') ] ].concat(
			this.categories.map(function(c) { const tag = c.category || c.tag || c.name; return [ 'c:' + tag, _('Category: %s').format(tag) ]; }),
			this.applications.filter(function(a) { return /^netify\./.test(a.application); }).map(function(a) { return [ 'a:' + a.application, text.application(a.application) ]; })));
		const when = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'aria-label': _('Times'), 'placeholder': 'mon-fri 20:00-07:00' });
		const then = list(_('Target'), uci.sections('netifyd', 'target').map(function(t) { return [ t['.name'], t['.name'] ]; }));
		const wrong = E('p', { 'class': 'netifyd-high', 'role': 'alert' }, [ '' ]);

		ui.showModal(_('New rule'), [
			E('p', {}, [ E('label', {}, [ _('Name of the rule'), ' ', name ]) ]),
			E('p', {}, [ E('label', {}, [ _('When'), ' ', who ]) ]),
			E('p', {}, [ E('label', {}, [ _('uses'), ' ', what ]) ]),
			E('p', {}, [ E('label', {}, [ _('at these times (none: always)'), ' ', when ]) ]),
			E('p', {}, [ E('label', {}, [ _('then tell'), ' ', then ]) ]),
			then.options.length ? '' : E('p', {}, [ _('Add a target first: it says which set, label or mark your firewall looks at.') ]),
			wrong,
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button-positive', 'click': function() {
					const parts = [];

					if (!/^[A-Za-z0-9_]+$/.test(name.value) || uci.get('netifyd', name.value))
						return wrong.replaceChildren(_('The name takes letters, digits and _, and must be new.'));

					if (!who.value && !what.value)
						return wrong.replaceChildren(_('Choose a device or what it uses.'));

					if (who.value)
						parts.push(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(who.value) ? 'mac == ' + who.value : 'local_ip == ' + who.value);

					if (what.value)
						parts.push((what.value.charAt(0) == 'c' ? 'category == ' : 'app == ') + quoted(what.value.substring(2)));

					uci.add('netifyd', 'rule', name.value);
					uci.set('netifyd', name.value, 'criteria', parts.join(' && '));

					if (then.value)
						uci.set('netifyd', name.value, 'targets', [ then.value ]);

					if (when.value.trim())
						uci.set('netifyd', name.value, 'times', [ when.value.trim() ]);

					ui.hideModal();

					return options.save(self.map, self.faults).catch(function() {});
				} }, [ _('Save') ])
			])
		]);
		name.focus();
	},

	handleSave: function() {
		return options.save(this.map, this.faults);
	}
});
