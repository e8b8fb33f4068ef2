'use strict';
'require baseclass';
'require rpc';
'require poll';
'require ui';

/*
 * Questions to the agent over ubus, and how a page keeps asking: one call at a
 * time, none while the tab is hidden, and less often after errors.
 */

const params = {
	status: [],
	overview: [ 'since', 'by' ],
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

	/* What a page shows in place of data that did not come. again: called when the agent was started. */
	trouble: function(err, again) {
		if (!away(err))
			return E('div', { 'class': 'alert-message warning', 'role': 'alert' }, [
				E('p', {}, [ _('The agent did not answer: %s').format(err && err.message || err) ])
			]);

		return E('div', { 'class': 'alert-message warning', 'role': 'alert' }, [
			E('h4', {}, [ _('The agent is not running') ]),
			E('p', {}, [ _('Start it, and this page fills by itself. If it ends again, the system log says why.') ]),
			E('button', { 'class': 'btn cbi-button cbi-button-apply', 'click': ui.createHandlerFn(this, function() {
				return callInit('netifyd', 'enable').catch(function() {}).then(function() {
					return callInit('netifyd', 'start');
				}).then(function() {
					setTimeout(again, 2000);
				}).catch(function(e) {
					ui.addNotification(null, E('p', {}, [ _('It could not be started: %s').format(e.message) ]), 'danger');
				});
			}) }, [ _('Start') ])
		]);
	},

	/*
	 * Calls fn now and then each few seconds. 0: only when asked. fn gives a
	 * promise. An error is shown in box and doubles the time, to 30 s.
	 */
	live: function(seconds, box, fn) {
		const self = this;
		let wait = 0, slower = 1, busy = null, every = seconds;

		function once() {
			if (busy)
				return busy;

			busy = Promise.resolve().then(fn).then(function() {
				slower = 1;
				box.replaceChildren();
			}, function(err) {
				slower = Math.min(slower * 2, Math.max(1, Math.floor(30 / (every || 30))));
				box.replaceChildren(self.trouble(err, once));
			}).then(function() {
				busy = null;
				wait = slower - 1;
			});

			return busy;
		}

		function tick() {
			if (document.hidden)
				return Promise.resolve();

			if (wait-- > 0)
				return Promise.resolve();

			return once();
		}

		document.addEventListener('visibilitychange', function() {
			if (!document.hidden && every)
				once();
		});

		if (every)
			poll.add(tick, every);
		else
			once();

		return {
			now: once,
			set: function(s) {
				if (every)
					poll.remove(tick);

				every = s;

				if (every)
					poll.add(tick, every);
			}
		};
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
