'use strict';
'require baseclass';
'require netifyd.ask as ask';

/*
 * Names of applications and protocols. Answers have their numbers, since there are
 * thousands of names: a browser asks for these once, and keeps them by version.
 */

const key = 'netifyd-catalogue';

let kept = null;

function read() {
	try {
		kept = JSON.parse(localStorage.getItem(key));
	}
	catch (e) { /* what cannot be read is asked for again */ }

	if (!kept || !kept.applications || !kept.protocols)
		kept = { applications: { names: {} }, protocols: { names: {} } };
}

/* Asks for a list page by page, unless its version is the one that is kept. */
function renew(method, column) {
	const old = kept[method], names = {};

	return (function more(offset) {
		return ask.ask(method, { version: old.version, offset: offset || undefined, limit: 200 }).then(function(reply) {
			const rows = ask.rows(reply);

			if (old.version && reply.version == old.version)
				return;

			rows.forEach(function(r) { names[r.id] = r[column]; });

			if (rows.length && offset + rows.length < reply.total)
				return more(offset + rows.length);

			kept[method] = { version: reply.version, names: names };
		});
	})(0);
}

return baseclass.extend({
	load: function() {
		if (!kept)
			read();

		return renew('protocols', 'name').then(function() {
			return renew('applications', 'tag');
		}).then(function() {
			try {
				localStorage.setItem(key, JSON.stringify(kept));
			}
			catch (e) { /* a full or closed storage: the names are asked for at the next page */ }
		}, function() { /* no agent: the page itself says so */ });
	},

	application: function(id) {
		return id ? (kept.applications.names[id] || '#' + id).replace(/^netify\./, '') : '';
	},

	/* The names of all protocols, in order. */
	protocols: function() {
		return Object.values(kept.protocols.names).sort();
	},

	protocol: function(id) {
		return kept.protocols.names[id] || '#' + id;
	}
});
