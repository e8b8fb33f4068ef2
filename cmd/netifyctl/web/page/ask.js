'use strict';
'require luci.ask as base';
'require netifyd.stream as stream';

/* How the pages ask without LuCI, and what they say when no answer comes. */

function code(text) { return E('code', {}, [ text ]); }

function box(title, words) {
	return E('div', { 'class': 'alert-message warning', 'role': 'alert' }, [ E('h4', {}, [ title ]) ].concat(words.map(function(w) { return E('p', {}, w); })));
}

return base.constructor.extend({
	/* All styles are in one file, which the page loads itself. */
	style: function() { return ''; },

	trouble: function(err) {
		const again = _('This page comes back by itself.');

		switch (err && err.away) {
		case 'stopped':
			return box(_('The agent is not running'), [
				[ _('Start it: '), code('systemctl start netifyd'), _(', on FreeBSD '), code('service netifyd start'), _(', on OpenWrt '), code('/etc/init.d/netifyd start'), '. ', again ],
				[ E('small', {}, [ err.message ]) ]
			]);
		case 'forbidden':
			return box(_('This page may not ask the agent'), [
				[ _('Put the user of netifyctl into the group of the agent\u2019s socket, such as '), code('usermod -aG netifyd netifyctl'), _(', and start netifyctl again.') ],
				[ E('small', {}, [ err.message ]) ]
			]);
		case 'silent':
		case 'busy':
			return box(_('The agent does not answer'), [ [ _('It is starting, or has too much to do. '), again ], [ E('small', {}, [ err.message ]) ] ]);
		case 'server':
			return box(_('This page\u2019s server is gone'), [ [ code('netifyctl web'), _(' has ended, or the network is away. '), again ] ]);
		case 'login':
			return box(_('The password is wanted again'), [ [ E('a', { 'class': 'btn', 'href': 'login?next=' + encodeURIComponent(document.documentElement.getAttribute('data-page')) }, [ _('Give it') ]) ] ]);
		}

		return box(_('That did not work'), [ [ err && err.message || String(err) ] ]);
	},

	/* As LuCI's; and at once when the agent went away or came back. */
	live: function(seconds, node, fn, told) {
		const loop = base.live.call(this, seconds, node, fn, told);

		stream.hear(function(method) {
			if (method == 'agent')
				loop.now();
		});

		return loop;
	},

	/* This browser gave the password. */
	may: function() { return Promise.resolve(document.documentElement.getAttribute('data-changes') == 'yes'); }
});
