'use strict';

/*
 * What LuCI gives its pages, as much of it as ours use: elements out of lists,
 * modules, questions, dialogues. So the same pages run here without LuCI. Every
 * text becomes a text node; nothing here makes HTML out of a string.
 */

String.prototype.format = function() {
	const args = arguments;
	let i = 0;

	return this.replace(/%(%|[sd])/g, function(m, kind) { return kind == '%' ? '%' : kind == 'd' ? Math.floor(+args[i++]) : String(args[i++]); });
};

/* A text in the language of the page; the phrases of one that is not English were read before this script. */
function _(s) { return typeof(phrases) == 'object' && phrases[s] || s; }

/* An element. Children are text or nodes, in lists of any depth. */
function E(tag, attrs, children) {
	const node = document.createElement(tag);

	for (const name in attrs || {}) {
		const v = attrs[name];

		if (v == null)
			continue;

		if (typeof(v) == 'function')
			node.addEventListener(name, v);
		else if (name == 'style')
			node.style.cssText = v;
		else
			node.setAttribute(name, v);
	}

	[ children ].flat(Infinity).forEach(function(c) {
		if (c != null && c !== '')
			node.append(c);
	});

	return node;
}

const L = {
	resource: function(path) { return path; },
	/* LuCI's path of one of our pages. */
	url: function() { return Array.prototype.join.call(arguments, '/').replace(/^.*\//, '').replace(/^(netifyd|overview)$/, './'); },
	resolveDefault: function(p, d) { return Promise.resolve(p).catch(function() { return d; }); }
};

class Base {
	constructor() {
		if (this.__init__)
			this.__init__.apply(this, arguments);
	}

	static extend(props) {
		const C = class extends this {};

		Object.assign(C.prototype, props);

		return C;
	}
}

/* An error says in away how the agent is missing: stopped, forbidden, silent, busy; or server and login, which are not the agent's. */
function failure(words, away) { return Object.assign(new Error(words), { away: away }); }

function answer(response) {
	if (response.status == 401)
		throw failure(_('The password is wanted again.'), 'login');

	return response.json().then(function(reply) {
		if (!response.ok)
			throw failure(reply.error, reply.away);

		return reply;
	}, function() {
		throw failure(_('The answer cannot be read.'), 'server');
	});
}

const rpc = {
	declare: function(d) {
		return function() {
			const args = {}, given = arguments;

			(d.params || []).forEach(function(name, i) {
				if (given[i] !== undefined)
					args[name] = given[i];
			});

			if (d.object != 'netifyd')
				return Promise.resolve({});

			const changes = /_(set|forget|commit|reset|pause)$/.test(d.method);

			return fetch('api/' + d.method + (changes ? '' : '?' + new URLSearchParams(args)), changes
				? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(args) }
				: {}).catch(function() { throw failure(_('No answer came.'), 'server'); }).then(answer);
		};
	}
};

const poll = {
	list: [],
	add: function(fn, seconds) {
		poll.list.push({ fn: fn, id: setInterval(fn, seconds * 1000) });
		fn();
	},
	remove: function(fn) {
		poll.list = poll.list.filter(function(p) {
			if (p.fn != fn)
				return true;

			clearInterval(p.id);
		});
	}
};

const ui = {
	showModal: function(title, children) {
		const box = document.getElementById('modal');

		box.replaceChildren(E('h3', {}, [ title ]), E('div', {}, children));
		box.setAttribute('aria-label', title);

		if (!box.open)
			box.showModal();
	},

	hideModal: function() { document.getElementById('modal').close(); },

	/* A few words that go by themselves. */
	addNotification: function(title, node, kind) {
		const toast = E('div', { 'class': 'toast ' + (kind || '') }, [ node, E('button', { 'type': 'button', 'aria-label': _('Close'), 'click': function() { toast.remove(); } }, [ '\u00d7' ]) ]);
		const all = document.getElementById('toasts');

		all.append(toast);

		while (all.children.length > 3)
			all.firstChild.remove();

		setTimeout(function() { toast.remove(); }, 12000);
	},

	/* A button rests while its work is done. */
	createHandlerFn: function(self, fn) {
		const args = Array.prototype.slice.call(arguments, 2);

		return function(ev) {
			const button = ev.currentTarget;

			button.disabled = true;

			return Promise.resolve((typeof(fn) == 'string' ? self[fn] : fn).apply(self, args.concat([ ev ]))).finally(function() { button.disabled = false; });
		};
	}
};

const built = { baseclass: Base, view: Base, rpc: rpc, poll: poll, ui: ui };
const modules = {};

/* Registers a module: the names of those that it needs, and a function of them that gives its class. */
function module(name, needs, make) { modules[name] = { needs: needs, make: make, made: null }; }

function load(name) {
	if (built[name])
		return built[name];

	const m = modules[name];

	return m.made = m.made || new (m.make.apply(null, m.needs.map(load)))();
}

/* Shows the page that the address names, once all of this was read. */
function begin() {
	const name = document.documentElement.getAttribute('data-page'), view = document.getElementById('view');

	load('netifyd.stream').start();

	const page = load('view.netifyd.' + name);

	return Promise.resolve(page.load ? page.load() : null).then(function(data) { return page.render(data); }).then(function(node) {
		view.replaceChildren(node);
	});
}
