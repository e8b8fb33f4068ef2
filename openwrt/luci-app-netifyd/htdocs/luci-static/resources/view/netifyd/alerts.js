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
		this.loop = ask.live(30, box, function() { return self.refresh(); }, function(method) {
			if (method == 'alert')
				self.loop.now();
		});

		return E('div', { 'class': 'netifyd-page' }, [
			ask.style(),
			E('h2', {}, [ _('Alerts') ]),
			E('p', {}, [ _('What you may want to know: new devices and applications, flows at risk, quotas, and whatever makes the numbers wrong. The agent keeps the last 256.') ]),
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

	/* Where to look further: the device, and its flows that are meant. */
	links: function(a) {
		const flows = a.alert == 'risk_found' ? 'device:' + a.device + ' risk:high' : a.alert == 'application_first' ? 'device:' + a.device + ' app:' + text.application(a.label) : '';
		const link = function(page, hash, words) { return E('a', { 'href': L.url('admin/status/netifyd', page) + hash }, [ words ]); };

		return E('small', { 'class': 'netifyd-under' }, [
			link('devices', '#device=' + encodeURIComponent(a.device), _('Device')),
			flows ? ' \u00b7 ' : '', flows ? link('flows', '#filter=' + encodeURIComponent(flows), _('Its flows')) : ''
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
					E('td', { 'class': 'td' }, [
						a.serious ? E('span', { 'class': 'netifyd-high', 'role': 'img', 'aria-label': _('Warning') }, [ '\u26a0 ' ]) : '',
						E('bdi', {}, [ text.alert(a, a.device ? names.of(a.device, a.name) : '') ]),
						a.device ? self.links(a) : ''
					])
				]);
			}) : [ E('tr', { 'class': 'tr placeholder' }, [ E('td', { 'class': 'td', 'colspan': 2 }, [ E('em', {}, [ _('Nothing to tell.') ]) ]) ]) ]);
		});
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
