'use strict';
'require baseclass';
'require ui';
'require netifyd.names as names';
'require netifyd.text as text';

/*
 * What happens, as server-sent events: the rates in the head of every page, the
 * count of alerts that nobody saw, a few words for each new one. Nothing is
 * listened to while the tab is hidden: a browser has few connections.
 */

const seenKey = 'netifyd-alerts-seen';

const hearers = {};
let source = null, lost = false;

function tell(kind, data) {
	(hearers[kind] || []).forEach(function(fn) { fn(data); });
}

function close() {
	if (source)
		source.close();

	source = null;
}

function open() {
	if (source || document.hidden)
		return;

	source = new EventSource('events');

	source.addEventListener('open', function() {
		if (lost)
			tell('agent', {});

		lost = false;
	});

	source.addEventListener('error', function() {
		lost = true;
		pulse(null);

		/* A refusal ends a source; a connection that broke is tried again by itself. */
		if (source && source.readyState == EventSource.CLOSED) {
			close();
			setTimeout(open, 10000);
		}
	});

	[ 'tick', 'alert', 'device', 'agent' ].forEach(function(kind) {
		source.addEventListener(kind, function(ev) { tell(kind, JSON.parse(ev.data)); });
	});
}

/* The rate of now, in the head of the page. */
function pulse(wan) {
	const node = document.getElementById('pulse');

	node.hidden = !wan;

	if (wan)
		node.replaceChildren(E('span', { 'class': 'pulse-down' }, [ text.rate(wan[0]) ]), E('span', { 'class': 'pulse-up' }, [ text.rate(wan[1]) ]));
}

/* How many alerts were not marked as seen in this browser. */
function badge(newest) {
	const link = document.querySelector('.menu [data-icon=alerts]');
	let seen = 0;

	try {
		seen = +localStorage.getItem(seenKey) || 0;
	}
	catch (e) { /* a closed storage: all are new */ }

	const unseen = newest < seen ? newest : newest - seen;

	if (unseen > 0)
		link.setAttribute('data-count', unseen > 99 ? '99+' : unseen);
	else
		link.removeAttribute('data-count');
}

const themes = [ null, 'light', 'dark' ];

/* From the system's theme to light, to dark, and back. */
function turn() {
	const root = document.documentElement, next = themes[(themes.indexOf(root.getAttribute('data-theme')) + 1) % 3];

	if (next)
		root.setAttribute('data-theme', next);
	else
		root.removeAttribute('data-theme');

	try {
		localStorage.setItem('netifyd-theme', next || '');
	}
	catch (e) { /* it holds for this page */ }

	say();
}

function say() {
	const now = document.documentElement.getAttribute('data-theme');

	document.getElementById('theme').setAttribute('title', now == 'dark' ? _('Theme: dark') : now == 'light' ? _('Theme: light') : _('Theme: as the system'));
}

return baseclass.extend({
	/* Calls fn with the data of each event of a kind. */
	on: function(kind, fn) { (hearers[kind] = hearers[kind] || []).push(fn); },

	start: function() {
		const self = this;

		this.on('tick', function(t) {
			pulse(t.wan);
			badge(t.alerts);
		});

		this.on('agent', function(a) {
			if (a.away)
				pulse(null);
		});

		this.on('alert', function(a) {
			ui.addNotification(null, E('p', {}, [ E('bdi', {}, [ text.alert(a, a.device ? names.of(a.device, a.name) : '') ]) ]), a.serious ? 'danger' : '');

			if (self.page && document.documentElement.getAttribute('data-page') == 'alerts')
				self.page.loop.now();
		});

		this.on('device', function() {
			if (self.page && document.documentElement.getAttribute('data-page') == 'devices')
				self.page.loop.now();
		});

		document.getElementById('theme').addEventListener('click', turn);
		document.addEventListener('visibilitychange', function() { document.hidden ? close() : open(); });
		window.addEventListener('pagehide', close);
		window.addEventListener('pageshow', open);
		say();
		open();
	}
});
