'use strict';
'require luci.overview as base';
'require netifyd.ask as ask';
'require netifyd.chart as chart';
'require netifyd.names as names';
'require netifyd.text as text';

/* LuCI's overview in another layout: tiles, cards, the last alerts, and how the agent does. */

const periods = [ [ 'now', _('Now') ], [ 'today', _('Today') ], [ 'month', _('This period') ] ];

/* A number that is seen from afar, with what it is and a few words more. */
function tile(kind, title) {
	const value = E('strong', {}, [ '\u2013' ]), words = E('small', {}, [ '\u00a0' ]);

	return {
		node: E('div', { 'class': 'tile tile-' + kind }, [ E('span', {}, [ title ]), value, words ]),
		set: function(v, w) {
			value.replaceChildren(v);
			words.replaceChildren(w || '\u00a0');
		}
	};
}

function card(title, page, node) {
	return E('section', { 'class': 'card' }, [ E('header', {}, [ E('h3', {}, [ title ]), page ? E('a', { 'href': page }, [ _('All') ]) : '' ]), node ]);
}

return base.constructor.extend({
	layout: function(box) {
		const self = this;
		const choice = E('div', { 'class': 'choice', 'role': 'group', 'aria-label': _('Period') }, periods.map(function(p) {
			return E('button', { 'type': 'button', 'aria-pressed': p[0] == self.by ? 'true' : 'false', 'click': function(ev) {
				self.by = p[0];
				choice.querySelectorAll('button').forEach(function(b) { b.setAttribute('aria-pressed', b == ev.currentTarget ? 'true' : 'false'); });
				self.loop.now();
			} }, [ p[1] ]);
		}));

		this.tiles = { down: tile('down', _('Down now')), up: tile('up', _('Up now')), devices: tile('devices', _('Devices online')), flows: tile('flows', _('Flows')) };
		this.alerts = E('ul', { 'class': 'news' });
		this.about = E('p', { 'class': 'hint' });
		ask.live(30, E('div', {}), function() { return self.aside(); }, function(method) {
			if (method == 'alert')
				self.aside();
		});

		return E('div', { 'class': 'netifyd-page' }, [
			E('h2', { 'class': 'unseen' }, [ _('Overview') ]),
			box, this.warnings,
			E('div', { 'class': 'tiles' }, [ this.tiles.down.node, this.tiles.up.node, this.tiles.devices.node, this.tiles.flows.node ]),
			card(_('The last five minutes'), null, this.chart),
			choice,
			E('div', { 'class': 'netifyd-columns' }, [ card(_('Devices'), 'devices', this.devices.node), card(_('Applications'), 'applications', this.applications.node) ]),
			card(_('Latest alerts'), 'alerts', this.alerts),
			this.about
		]);
	},

	/* The words of LuCI's page are in the tiles. */
	sentence: function(w) {
		const when = this.by == 'month' ? _('%s this period') : _('%s today');

		this.tiles.down.set(text.rate(w.down_rate), when.format(text.bytes(w.down)));
		this.tiles.up.set(text.rate(w.up_rate), when.format(text.bytes(w.up)));
		this.tiles.devices.set(text.number(w.devices || 0, 0), w.new_devices ? _('%d new today').format(w.new_devices) : _('none new today'));
		this.tiles.flows.set(text.number(w.flows || 0, 0), w.lost ? _('%d packets lost').format(w.lost) : _('no packet lost'));

		return '';
	},

	/* There are no settings here to link to. */
	link: function(words, page, hash) {
		return /services/.test(page[0]) ? null : base.link.call(this, words, page, hash);
	},

	/* A list of the first ones: each a link, with its rate, its bytes, and a bar to compare. */
	top: function(title, page, key, name) {
		const self = this, node = E('ol', { 'class': 'ranks' });

		return { node: node, show: function(rows) { node.replaceChildren.apply(node, self.ranks(rows, page, key, name)); } };
	},

	ranks: function(rows, page, key, name) {
		const self = this, now = this.by == 'now', devices = page == 'devices';
		const size = function(r) { return now ? r.down_rate + r.up_rate : r.down + r.up; }, most = Math.max.apply(null, rows.map(size).concat(1));

		return rows.length ? rows.map(function(r) {
			const label = name(r), rate = r.down_rate + r.up_rate, sum = text.bytes(r.down + r.up);
			const where = devices ? '#device=' + encodeURIComponent(r.device) : '#filter=' + encodeURIComponent((r.application ? 'app:' : 'proto:') + label);

			return E('li', {}, [ E('a', { 'href': page + where }, [
				E('span', { 'class': 'rank-name' }, [ devices ? E('i', { 'class': r.online ? 'dot on' : 'dot' }) : '', E('bdi', {}, [ label ]), r.type ? E('small', {}, [ r.type ]) : '' ]),
				chart.spark(self.past(key + ' ' + r[key], r)),
				E('span', { 'class': 'rank-value' }, [ E('b', {}, [ now ? text.rate(rate) : sum ]), now ? E('small', {}, [ _('%s today').format(sum) ]) : '' ]),
				chart.part(size(r), most)
			]) ]);
		}) : [ E('li', { 'class': 'nothing' }, [ devices ? _('No device yet. Devices appear when they send something.') : _('Nothing was used yet.') ]) ];
	},

	/* What changes seldom: the last alerts, and how the agent does. */
	aside: function() {
		const self = this;

		return Promise.all([ ask.ask('alerts', { limit: 5 }), ask.ask('status', {}) ]).then(function(both) {
			const rows = ask.rows(both[0]).reverse(), s = both[1], lines = ask.rows(s.interfaces).map(function(i) { return i.name; });

			self.alerts.replaceChildren.apply(self.alerts, rows.length ? rows.map(function(a) {
				return E('li', { 'class': a.serious ? 'serious' : '' }, [ E('time', {}, [ text.time(a.last) ]), E('bdi', {}, [ text.alert(a, a.device ? names.of(a.device, a.name) : '') ]) ]);
			}) : [ E('li', { 'class': 'nothing' }, [ _('Nothing to tell.') ]) ]);

			self.about.replaceChildren(_('netifyd %s has run for %s and captures %s: %s packets, %s lost.').format(s.version, text.duration(s.uptime), lines.join(', ') || _('nothing'),
				text.number(s.capture.received, 0), text.number(s.capture.dropped, 0)));
		});
	}
});
