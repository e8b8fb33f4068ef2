'use strict';
'require view';
'require netifyd.ask as ask';
'require netifyd.names as names';
'require netifyd.text as text';

/* Which alerts were seen is remembered in this browser. */
const key = 'netifyd-alerts-seen';

return view.extend({
	load: function() {
		return names.load();
	},

	render: function() {
		const self = this, box = E('div', {});

		this.list = E('tbody', {});
		this.newest = 0;
		this.loop = ask.live(30, box, function() { return self.refresh(); });

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Alerts') ]),
			E('p', {}, [ _('What you may want to know: new devices and applications, quotas, and whatever makes the numbers wrong. The agent keeps the last 256.') ]),
			box,
			E('div', { 'class': 'netifyd-bar-of' }, [
				E('button', { 'type': 'button', 'class': 'btn cbi-button', 'click': function() {
					localStorage.setItem(key, self.newest);

					return self.loop.now();
				} }, [ _('Mark all as seen') ]),
				this.words = E('span', { 'role': 'status' }, [ '' ])
			]),
			E('table', { 'class': 'table netifyd-table' }, [
				E('thead', {}, [ E('tr', { 'class': 'tr table-titles' }, [
					E('th', { 'class': 'th', 'scope': 'col' }, [ _('When') ]), E('th', { 'class': 'th', 'scope': 'col' }, [ _('What') ])
				]) ]),
				this.list
			])
		]);
	},

	refresh: function() {
		const self = this;

		return ask.ask('alerts', { limit: 200 }).then(function(reply) {
			const seen = +localStorage.getItem(key) || 0, rows = ask.rows(reply).reverse();
			const unseen = rows.filter(function(a) { return a.number > seen; }).length;

			self.newest = reply.newest || 0;

			/* An agent that was started again counts from one. */
			if (self.newest < seen)
				localStorage.removeItem(key);

			self.words.replaceChildren(unseen ? _('%d not seen').format(unseen) : '');
			self.list.replaceChildren.apply(self.list, rows.length ? rows.map(function(a) {
				return E('tr', { 'class': 'tr' + (a.number > seen ? ' netifyd-unseen' : '') }, [
					E('td', { 'class': 'td' }, [ text.time(a.last) ]),
					E('td', { 'class': 'td' }, [ a.serious ? '\u26a0 ' : '', E('bdi', {}, [ text.alert(a, a.device ? names.of(a.device, a.name) : '') ]) ])
				]);
			}) : [ E('tr', { 'class': 'tr placeholder' }, [ E('td', { 'class': 'td', 'colspan': 2 }, [ E('em', {}, [ _('Nothing to tell.') ]) ]) ]) ]);
		});
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
