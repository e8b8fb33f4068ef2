'use strict';
'require baseclass';

/*
 * Numbers, times and words as people read them. Everything here gives strings:
 * who shows them puts them into arrays of children, so that they stay text.
 */

const units = [ 'B', 'KiB', 'MiB', 'GiB', 'TiB' ];
const bits = [ 'bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s' ];

function number(n, digits) {
	return new Intl.NumberFormat(document.documentElement.lang || undefined,
		{ maximumFractionDigits: digits }).format(n);
}

function scaled(n, step, names) {
	let i = 0;

	for (n = +n || 0; n >= step && i < names.length - 1; i++)
		n /= step;

	return '\u2068' + number(n, n < 10 && i > 0 ? 1 : 0) + ' ' + names[i] + '\u2069';
}

return baseclass.extend({
	number: number,

	/* Bytes, by 1024. */
	bytes: function(n) { return scaled(n, 1024, units); },

	/* Bytes a second, shown as bits a second, by 1000. */
	rate: function(n) { return scaled(n * 8, 1000, bits); },

	/* A part of the whole. */
	percent: function(part, whole) {
		return whole > 0 ? number(100 * part / whole, 100 * part / whole < 10 ? 1 : 0) + ' %' : '';
	},

	/* How long, from seconds. */
	duration: function(s) {
		s = Math.max(0, Math.round(s));

		if (s < 60)
			return _('%d s').format(s);

		if (s < 3600)
			return _('%d min').format(Math.floor(s / 60));

		if (s < 86400)
			return _('%d h %d min').format(Math.floor(s / 3600), Math.floor(s % 3600 / 60));

		return _('%d days').format(Math.floor(s / 86400));
	},

	/* When, from seconds since 1970: the hour alone if it was today. */
	time: function(t) {
		if (!t)
			return '';

		const d = new Date(t * 1000), today = d.toDateString() == new Date().toDateString();

		return new Intl.DateTimeFormat(document.documentElement.lang || undefined,
			today ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' }).format(d);
	},

	/* The name of a step of a history: an hour, a day or a month. */
	step: function(t, step) {
		const form = {
			hour: { hour: '2-digit', minute: '2-digit' },
			day: { day: 'numeric', month: 'short' },
			month: { month: 'short', year: 'numeric' }
		};

		return new Intl.DateTimeFormat(document.documentElement.lang || undefined, form[step]).format(new Date(t * 1000));
	},

	/* An application or protocol without the prefix that all applications share. */
	application: function(tag) {
		return String(tag || '').replace(/^netify\./, '');
	},

	/* What is wrong, and what to do about it. */
	warning: function(w) {
		const a = w.args || [], words = {
			interface_starting: [ _('%s is not captured yet.').format(a[0]), _('Capture begins when the interface is there.') ],
			interface_offline: [ _('%s is not captured.').format(a[0]), _('The system log has the reason: look for netifyd.') ],
			interface_gone: [ _('%s is not there.').format(a[0]), _('Capture begins by itself when the interface comes back; else take it out of the settings.') ],
			no_capture: [ _('Nothing is captured.'), _('Name an interface that exists in the settings.') ],
			capture_losing: [ _('The kernel dropped %s packets in the last interval.').format(a[0]), _('Raise the capture ring, or lower the load.') ],
			table_full: [ _('The flow table of %s places is full: %s flows ended early.').format(a[0], a[1]), _('Raise the number of flows; the settings show what it costs.') ],
			offload: [ _('Flow offload (%s) is on: packets of long flows are not seen.').format(a[0]), _('Bytes come from the connection table where it counts.') ],
			clients_full: [ _('All %s places for clients are taken.').format(a[0]), _('Raise the number of clients.') ],
			clock_unset: [ _('The clock is not set.'), _('History waits until it is; look at the time service.') ],
			offload_uncounted: [ _('Flow offload (%s) is on, and the kernel does not count: usage is too low.').format(a[0]), _('Set net.netfilter.nf_conntrack_acct to 1.') ],
			history_in_memory: [ _('History is not kept over a restart.'), _('Name a directory for it in the settings.') ],
			history_unwritten: [ _('History could not be written: %s.').format(a[0]), _('It is kept in memory until it can.') ]
		};

		return words[w.id] || [ w.id + ' ' + a.join(' '), '' ];
	},

	/* An alert as a sentence: a row of the answer "alerts". who is what its device is called. */
	alert: function(a, who) {
		who = who || a.host || _('All devices together');

		switch (a.alert) {
		case 'device_new': return _('New device: %s').format(who);
		case 'device_resolver': return _('%s asks an encrypted resolver of its own for names').format(who);
		case 'application_first': return _('%s uses %s for the first time').format(who, this.application(a.label));
		case 'quota_near': return _('%s used 80 %% of the quota of this period: %s').format(who, this.bytes(a.value));
		case 'quota_reached': return _('%s used up the quota of this period: %s').format(who, this.bytes(a.value));
		case 'capture_lost': return _('The kernel dropped %s packets: usage is too low').format(a.value);
		case 'table_full': return _('%s flows ended early since the flow table is full').format(a.value);
		case 'devices_full': return _('The bytes of %s flows were counted as others since the table of devices is full').format(a.value);
		case 'clock_unset': return _('The clock is not set: history waits until it is');
		case 'interface_gone': return _('The interface %s is gone').format(a.interface);
		case 'offload_counted': return _('The kernel offloads flows and counts them: totals are right');
		case 'offload_uncounted': return _('The kernel offloads flows and does not count them: usage is too low');
		case 'risk_found': return _('%s has a flow at risk: %s').format(who, _(a.label));
		case 'scan_ports': return _('%s tries one port after the other: %s connections did not come about').format(who, a.value);
		case 'scan_hosts': return _('%s tries many hosts: %s connections did not come about').format(who, a.value);
		case 'syn_unanswered': return _('%s connections that %s asked for stayed without an answer').format(a.value, who);
		case 'history_unwritten': return _('History could not be written; it is kept in memory until it can');
		}

		return [ a.alert, a.label, a.value || '' ].join(' ');
	}
});
