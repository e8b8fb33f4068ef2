'use strict';
'require baseclass';
'require rpc';
'require netifyd.ask as ask';

/*
 * What a device is called: its owner's name, the name that the agent heard, the
 * name that the router knows, and last its address.
 */

const callHints = rpc.declare({ object: 'luci-rpc', method: 'getHostHints', expect: { '': {} } });

let hints = null, heard = null;

return baseclass.extend({
	/* Asks the router once what it calls its hosts. */
	load: function() {
		if (!hints)
			hints = L.resolveDefault(callHints(), {}).then(function(h) { hints = h || {}; return hints; });

		return Promise.resolve(hints);
	},

	/* Asks the agent what it calls its devices, for answers that have their addresses alone. */
	devices: function() {
		return ask.ask('devices', { limit: 200, sort: 'last' }).then(function(reply) {
			heard = {};
			ask.rows(reply).forEach(function(r) { heard[r.device] = r.name; });
		}, function() { /* no agent: the page itself says so */ });
	},

	of: function(device, name) {
		const known = hints && hints[String(device).toUpperCase()];

		return name || heard && heard[device] || (known && known.name) || device || '';
	},

	/* The name with its address below it, in small letters. */
	cell: function(device, name) {
		const text = this.of(device, name);

		return E('span', {}, [
			E('bdi', {}, [ text ]),
			text != device ? E('small', { 'class': 'netifyd-under' }, [ E('bdi', { 'dir': 'ltr' }, [ device ]) ]) : ''
		]);
	}
});
