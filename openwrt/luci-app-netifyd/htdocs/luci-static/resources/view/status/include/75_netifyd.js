'use strict';
'require baseclass';
'require netifyd.ask as ask';
'require netifyd.text as text';

/* The card on Status, Overview: one line, and what is wrong. */
return baseclass.extend({
	title: _('Traffic'),

	load: function() {
		return ask.ask('overview', { limit: 1 }).catch(function(err) { return { away: ask.away(err), text: err.message }; });
	},

	render: function(s) {
		const row = function(title, value) {
			return E('tr', { 'class': 'tr' }, [ E('td', { 'class': 'td left', 'width': '33%' }, [ title ]), E('td', { 'class': 'td left' }, [ value ]) ]);
		};
		const all = E('table', { 'class': 'table' });

		if (s.text || s.away) {
			all.appendChild(row(_('Agent'), s.away ? _('not running') : s.text));

			return all;
		}

		const words = s.words || {}, first = ask.rows(s.applications)[0], rate = first ? first.down_rate + first.up_rate : 0;

		all.appendChild(row(_('Agent'), 'netifyd ' + s.version));
		all.appendChild(row(_('Devices'), _('%d online, %d new today').format(words.devices, words.new_devices)));
		all.appendChild(row(_('Flows'), text.number(words.flows || 0, 0)));

		if (first)
			all.appendChild(row(rate ? _('Most used now') : _('Most used today'), text.application(first.name) + ' \u00b7 ' + (rate ? text.rate(rate) : text.bytes(first.down + first.up))));

		all.appendChild(row(_('Packets lost lately'), text.number(words.lost || 0, 0)));
		(s.warnings || []).forEach(function(w) { all.appendChild(row('\u26a0', text.warning(w).join(' '))); });
		all.appendChild(row('', E('a', { 'href': L.url('admin/status/netifyd') }, [ _('Who uses what') ])));

		return all;
	}
});
