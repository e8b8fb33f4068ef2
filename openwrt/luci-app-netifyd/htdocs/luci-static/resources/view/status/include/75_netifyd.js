'use strict';
'require baseclass';
'require netifyd.ask as ask';
'require netifyd.text as text';

/* The card on Status, Overview: one line, and what is wrong. */
return baseclass.extend({
	title: _('Traffic'),

	load: function() {
		return ask.ask('status').catch(function(err) { return { away: ask.away(err), text: err.message }; });
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

		const capture = s.capture || {}, flows = s.flows || {};

		all.appendChild(row(_('Agent'), _('netifyd %s, running for %s').format(s.version, text.duration(s.uptime))));
		all.appendChild(row(_('Flows'), _('%d of %d').format(flows.now, flows.max)));
		all.appendChild(row(_('Packets lost'), text.percent(capture.dropped, capture.received + capture.dropped) || '0 %'));
		(s.warnings || []).forEach(function(w) { all.appendChild(row('\u26a0', text.warning(w).join(' '))); });
		all.appendChild(row('', E('a', { 'href': L.url('admin/status/netifyd') }, [ _('Who uses what') ])));

		return all;
	}
});
