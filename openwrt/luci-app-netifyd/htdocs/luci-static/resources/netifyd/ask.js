'use strict';
'require baseclass';
'require rpc';
'require poll';
'require ui';
'require netifyd.stream as stream';

/*
 * Questions to the agent over ubus, and how a page keeps asking: one call at a
 * time, none while the tab is hidden, and less often after errors.
 */

const params = {
	status: [],
	overview: [ 'since', 'by', 'limit' ],
	devices: [ 'filter', 'sort', 'offset', 'limit' ],
	device: [ 'device', 'period', 'local' ],
	flows: [ 'filter', 'sort', 'offset', 'limit' ],
	flow: [ 'digest' ],
	usage: [ 'by', 'period', 'step', 'device', 'application', 'local', 'offset', 'limit' ],
	hosts: [ 'by', 'device', 'application', 'offset', 'limit' ],
	alerts: [ 'since', 'limit' ],
	protocols: [ 'version', 'offset', 'limit' ],
	applications: [ 'version', 'offset', 'limit' ],
	categories: [],
	rules: [],
	plan: [ 'values' ],
	check: [ 'text' ],
	device_set: [ 'device', 'name', 'type', 'hidden' ],
	device_forget: [ 'device' ],
	usage_commit: [],
	usage_reset: [ 'confirm' ],
	rule_pause: [ 'rule', 'seconds' ]
};

const calls = {};

for (let method in params)
	calls[method] = rpc.declare({ object: 'netifyd', method: method, params: params[method], reject: true });

const callInit = rpc.declare({ object: 'rc', method: 'init', params: [ 'name', 'action' ], reject: true });
const callServices = rpc.declare({ object: 'rc', method: 'list', params: [ 'name' ] });
const callAccess = rpc.declare({ object: 'session', method: 'access', params: [ 'scope', 'object', 'function' ], expect: { access: false } });

let right = null;

/* May whoever looks at this change anything? */
function may() {
	return right = right || L.resolveDefault(callAccess('ubus', 'netifyd', 'device_set'), false);
}

/* An answer that is an error of the agent is an error here. */
function ask(method, args) {
	args = args || {};

	return calls[method].apply(null, params[method].map(function(name) { return args[name]; })).then(function(reply) {
		if (reply && reply.error)
			throw new Error(reply.error);

		return reply || {};
	});
}

/* Rows as objects, since the columns are told once. */
function rows(table) {
	const columns = (table && table.columns) || [];

	return ((table && table.rows) || []).map(function(row) {
		const o = {};

		columns.forEach(function(name, i) { o[name] = row[i]; });

		return o;
	});
}

/* Is the object missing on the bus, which means that no agent runs? */
function away(err) {
	return /not found|-32000|no response|timed? ?out/i.test(String(err && err.message || err));
}

return baseclass.extend({
	ask: ask,
	rows: rows,
	away: away,

	may: may,

	/* What a page shows in place of data that did not come. again: called when the agent was started. */
	trouble: function(err, again) {
		const box = E('div', { 'class': 'alert-message warning', 'role': 'alert' });

		if (!away(err)) {
			box.appendChild(E('p', {}, [ _('The agent did not answer: %s').format(err && err.message || err) ]));

			return box;
		}

		box.append(E('h4', {}, [ _('The agent is not running') ]), E('p', {}, [ _('Start it, and this page fills by itself. If it ends again, the system log says why.') ]));

		may().then(function(mine) {
			if (!mine)
				return box.lastChild.replaceChildren(_('Whoever looks after this router can start it.'));

			return L.resolveDefault(callServices('netifyd'), {}).then(function(list) {
				const service = list && list.netifyd;

				if (service && service.running) {
					box.firstChild.replaceChildren(_('The agent runs, but it cannot be asked over ubus'));
					box.lastChild.replaceChildren(_('It starts now, or the option control.ubus is off, or /usr/share/acl.d/netifyd.json is missing: the system log says which. A restart lets it try again at once.'));
				}
				else if (list && Object.keys(list).length && !service) {
					box.lastChild.replaceChildren(_('Its service is not there: install the package netifyd-go, and come back.'));

					return;
				}

				box.appendChild(E('button', { 'class': 'btn cbi-button cbi-button-apply', 'click': ui.createHandlerFn(this, function() {
					return callInit('netifyd', 'enable').catch(function() {}).then(function() {
						return callInit('netifyd', service && service.running ? 'restart' : 'start');
					}).then(function() {
						setTimeout(again, 2000);
					}).catch(function(e) {
						ui.addNotification(null, E('p', {}, [ _('It could not be started: %s').format(e.message) ]), 'danger');
					});
				}) }, [ service && service.running ? _('Restart') : _('Start') ]));
			});
		});

		return box;
	},

	/*
	 * Calls fn now and then each few seconds. 0: only when asked. fn gives a
	 * promise. An error is shown in box and doubles the time, to 30 s. told is
	 * called with what the agent tells by itself, if it does; there is little to
	 * ask then, and fn is called each half minute.
	 */
	live: function(seconds, box, fn, told) {
		const self = this;
		let wait = 0, slower = 1, busy = null, every = seconds, last = 0;

		function once() {
			if (busy)
				return busy;

			last = Date.now();

			return busy = Promise.resolve().then(fn).then(function() {
				slower = 1;
				box.replaceChildren();
			}, function(err) {
				slower = Math.min(slower * 2, Math.max(1, Math.floor(30 / (every || 30))));
				box.replaceChildren(self.trouble(err, once));
			}).then(function() {
				busy = null;
				wait = slower - 1;
			});
		}

		function tick() {
			if (document.hidden || wait-- > 0 || told && slower == 1 && stream.fresh() && Date.now() - last < 30000)
				return Promise.resolve();

			return once();
		}

		document.addEventListener('visibilitychange', function() {
			if (!document.hidden && every)
				once();
		});

		if (told)
			stream.hear(function(method, data) {
				if (!document.hidden && !busy)
					told(method, data);
			});

		if (every)
			poll.add(tick, every);
		else
			once();

		return {
			/* What is under way asks for what was wanted before. */
			now: function() { return busy ? busy.then(once) : once(); },
			/* As now, but not more often than every few seconds: for what is told. */
			soon: function() { return Date.now() - last > 6000 ? once() : null; },
			set: function(s) {
				if (every)
					poll.remove(tick);

				every = s;

				if (every)
					poll.add(tick, every);
			}
		};
	},

	/* A number of rows as a file that a spreadsheet reads: what it would take for a formula begins with a quote. */
	csv: function(columns, list) {
		return [ columns ].concat(list).map(function(row) {
			return row.map(function(v) {
				const s = String(v == null ? '' : v).replace(/^([=+@\t\r-])/, '\'$1');

				return /[",\n\r]/.test(s) ? '"' + s.replace(/"/g, '""') + '"' : s;
			}).join(',');
		}).join('\r\n') + '\r\n';
	},

	/* Gives the browser a file to keep. */
	keep: function(name, type, data) {
		const url = URL.createObjectURL(new Blob([ data ], { type: type })), a = E('a', { 'href': url, 'download': name });

		a.click();
		setTimeout(function() { URL.revokeObjectURL(url); }, 1000);
	},

	/* Two buttons that keep what a page shows. data gives columns and rows. */
	keepers: function(name, data) {
		const self = this, button = function(title, fn) {
			return E('button', { 'type': 'button', 'class': 'btn cbi-button', 'title': _('Keep what is shown as a file'), 'click': fn }, [ title ]);
		};

		return [
			button('CSV', function() { const d = data(); self.keep(name + '.csv', 'text/csv', self.csv(d.columns, d.rows)); }),
			button('JSON', function() {
				const d = data();

				self.keep(name + '.json', 'application/json', JSON.stringify(d.rows.map(function(r) {
					return Object.fromEntries(d.columns.map(function(c, i) { return [ c, r[i] ]; }));
				}), null, 2));
			})
		];
	},

	/* The style sheet of all pages. */
	style: function() {
		return E('link', { 'rel': 'stylesheet', 'href': L.resource('netifyd/netifyd.css') });
	},

	/* Puts a page's words where a link can find them: view#key=value. */
	place: function(key, value) {
		history.replaceState(null, '', value ? '#' + key + '=' + encodeURIComponent(value) : location.pathname + location.search);
	},

	placed: function(key) {
		const m = location.hash.match(/^#([a-z]+)=(.*)$/);

		return m && m[1] == key ? decodeURIComponent(m[2]) : '';
	}
});
