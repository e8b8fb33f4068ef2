'use strict';
'require baseclass';
'require rpc';

/*
 * What the agent tells by itself (tick, alert, device), over uhttpd's stream of
 * server-sent events. A browser opens six connections to a host at the most, so
 * one page listens, and the others hear it over a channel. Where there is no
 * stream, or no right to it, pages ask as they do without.
 */
const lease = 'netifyd-stream', me = String(Math.random()), hearers = [];
const channel = window.BroadcastChannel ? new BroadcastChannel('netifyd') : null;

let stop = null, heard = 0, off = 0, timer = null;

function spread(news) {
	heard = Date.now();
	hearers.forEach(function(fn) { fn(news.method, news.data); });
}

/* Tells of the events that are whole, and gives the rest of the text. */
function take(all) {
	const parts = all.split('\n\n'), rest = parts.pop();

	parts.forEach(function(p) {
		const m = p.match(/event: (.*)\ndata: (.*)/);

		if (m) {
			const news = { method: m[1], data: JSON.parse(m[2]) };

			spread(news);
			channel && channel.postMessage(news);
		}
	});

	return rest.slice(-65536);
}

function listen() {
	const abort = new AbortController();
	let left = false;

	stop = function() { left = true; abort.abort(); };

	fetch(L.env.ubuspath.replace(/\/+$/, '') + '/subscribe/netifyd', {
		headers: { Authorization: 'Bearer ' + rpc.getSessionID() }, cache: 'no-store', signal: abort.signal
	}).then(function(reply) {
		if (!reply.ok || !/event-stream/.test(reply.headers.get('Content-Type'))) {
			off = Date.now() + 600000;
			abort.abort();

			return;
		}

		const reader = reply.body.getReader(), words = new TextDecoder();
		let rest = '';

		return (function more() {
			return reader.read().then(function(part) {
				if (part.done)
					return;

				rest = take(rest + words.decode(part.value, { stream: true }));

				return more();
			});
		})();
	}).catch(function() {}).then(function() {
		stop = null;

		if (!left)
			off = Math.max(off, Date.now() + 10000);
	});
}

/* Who holds the lease listens; it lapses when its page is gone or hidden. */
function keep() {
	const now = Date.now();
	let holder = null;

	try { holder = JSON.parse(localStorage.getItem(lease)); } catch (e) { /* nobody holds it */ }

	const mine = !!holder && holder.id == me, others = !!holder && !mine && holder.until > now;

	if (document.hidden || others || now < off) {
		if (stop)
			stop();

		if (mine)
			localStorage.removeItem(lease);

		return;
	}

	localStorage.setItem(lease, JSON.stringify({ id: me, until: now + 20000 }));

	if (!stop)
		listen();
}

function leave() {
	if (stop)
		stop();

	try {
		if (JSON.parse(localStorage.getItem(lease)).id == me)
			localStorage.removeItem(lease);
	}
	catch (e) { /* nobody holds it */ }
}

return baseclass.extend({
	/* fn is called with the method and what it tells, from now on. */
	hear: function(fn) {
		hearers.push(fn);

		if (timer)
			return;

		if (channel)
			channel.onmessage = function(ev) { spread(ev.data); };

		timer = setInterval(keep, 2000);
		window.addEventListener('pagehide', leave);
		document.addEventListener('visibilitychange', keep);
		keep();
	},

	/* Something was heard lately: there is no need to ask. */
	fresh: function() { return Date.now() - heard < 7000; }
});
