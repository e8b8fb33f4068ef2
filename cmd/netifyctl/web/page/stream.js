'use strict';
'require baseclass';
'require ui';
'require netifyd.text as text';

/*
 * What happens, as server-sent events: the rates in the head of every page, the
 * count of alerts that nobody saw, a few words for each new one. Nothing is
 * listened to while the tab is hidden: a browser has few connections.
 */

const seenKey = 'netifyd-alerts-seen';

const hearers = [];
let source = null, lost = false, heard = 0;

function tell(method, data) {
	if (method == 'tick')
		heard = Date.now();

	hearers.forEach(function(fn) { fn(method, data); });
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

	[ 'tick', 'alert', 'device', 'agent' ].forEach(function(method) {
		source.addEventListener(method, function(ev) { tell(method, JSON.parse(ev.data)); });
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

/* What every page does with what it hears. */
function common(method, data) {
	switch (method) {
	case 'tick':
		pulse(data.wan);
		badge(data.alerts);
		break;
	case 'agent':
		if (data.away)
			pulse(null);

		break;
	case 'alert':
		ui.addNotification(null, E('p', {}, [ E('bdi', {}, [ text.alert(data, data.name || data.device) ]) ]), data.serious ? 'danger' : '');
	}
}

return baseclass.extend({
	/* fn is called with the method and what it tells, from now on. */
	hear: function(fn) { hearers.push(fn); },

	/* Something was heard lately: there is no need to ask. */
	fresh: function() { return Date.now() - heard < 7000; },

	start: function() {
		this.hear(common);
		document.getElementById('theme').addEventListener('click', turn);
		document.addEventListener('visibilitychange', function() { document.hidden ? close() : open(); });
		window.addEventListener('pagehide', close);
		window.addEventListener('pageshow', open);
		say();
		open();
	}
});
