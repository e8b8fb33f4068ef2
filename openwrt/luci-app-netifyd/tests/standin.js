'use strict';

/*
 * Stands in for LuCI in a browser, for tests of our pages: as much of L, E, rpc,
 * poll, ui, uci and form as they use. It answers from the test's server.
 */

String.prototype.format = function() {
	let i = 0;
	const args = arguments;

	return this.replace(/%(%|[sd])/g, function(m, kind) { return kind == '%' ? '%' : kind == 'd' ? Math.floor(+args[i++]) : String(args[i++]); });
};

window._ = function(s) { return s; };

/* As LuCI: a child that is a string and in no array is HTML. So a page that forgets the array is found out. */
window.E = function(tag, attrs, children) {
	const node = document.createElement(tag);

	for (let name in attrs || {}) {
		const v = attrs[name];

		if (v == null)
			continue;

		if (typeof(v) == 'function')
			node.addEventListener(name, v);
		else
			node.setAttribute(name, v);
	}

	(function append(c) {
		if (Array.isArray(c))
			c.forEach(function(x) { Array.isArray(x) ? append(x) : node.append(x instanceof Node ? x : document.createTextNode(x)); });
		else if (c instanceof Node)
			node.append(c);
		else if (c != null && c !== '')
			node.innerHTML = c;
	})(children);

	return node;
};

window.L = {
	resource: function(path) { return '/resources/' + path; },
	env: { ubuspath: '/ubus/' },
	url: function() { return '/page/' + Array.prototype.join.call(arguments, '/'); },
	resolveDefault: function(p, d) { return Promise.resolve(p).catch(function() { return d; }); }
};

const Base = class {
	constructor() { if (this.__init__) this.__init__.apply(this, arguments); }

	static extend(props) {
		const C = class extends this {};

		Object.assign(C.prototype, props);

		return C;
	}
};

const calls = window.calls = [];
const problems = window.problems = [];

function post(path, body) {
	return fetch(path, { method: 'POST', body: JSON.stringify(body) }).then(function(r) { return r.json(); });
}

const rpc = {
	getSessionID: function() { return '0123456789abcdef0123456789abcdef'; },
	declare: function(d) {
		return function() {
			const args = {};

			for (let i = 0; i < arguments.length && i < (d.params || []).length; i++)
				if (arguments[i] !== undefined)
					args[d.params[i]] = arguments[i];

			calls.push(d.object + '.' + d.method);

			return post('/rpc', { object: d.object, method: d.method, args: args }).then(function(reply) {
				if (reply.fault)
					throw new Error(reply.fault);

				for (let name in d.expect || {})
					if (name)
						return reply[name] == null ? d.expect[name] : reply[name];

				return reply;
			});
		};
	}
};

const polls = [];
const poll = {
	add: function(fn, seconds) { polls.push({ fn: fn, id: setInterval(fn, seconds * 1000) }); fn(); },
	remove: function(fn) { polls.filter(function(p) { return p.fn == fn; }).forEach(function(p) { clearInterval(p.id); }); }
};

/* Tests let time pass by this. */
window.tick = function() { return Promise.all(polls.map(function(p) { return p.fn(); })); };

const ui = {
	showModal: function(title, children) {
		document.getElementById('modal').replaceChildren(E('h4', {}, [ title ]), E('div', { 'role': 'dialog', 'aria-label': title }, children));
	},
	hideModal: function() { document.getElementById('modal').replaceChildren(); },
	addNotification: function(title, node) { document.getElementById('notes').append(node); },
	createHandlerFn: function(self, fn) {
		const args = Array.prototype.slice.call(arguments, 2);

		return function(ev) { return (typeof(fn) == 'string' ? self[fn] : fn).apply(self, args.concat([ ev ])); };
	}
};

let sections = [];

const uci = {
	load: function() { return post('/uci', {}).then(function(list) { sections = list; }); },
	sections: function(config, type) { return sections.filter(function(s) { return !type || s['.type'] == type; }); },
	get: function(config, sid, name) {
		const s = sections.find(function(x) { return x['.name'] == sid; });

		return s && (name ? s[name] : s);
	},
	set: function(config, sid, name, v) { uci.get(config, sid)[name] = v; },
	unset: function(config, sid, name) { delete uci.get(config, sid)[name]; },
	add: function(config, type, name) {
		const s = { '.type': type, '.name': name || 'new' + sections.length, '.anonymous': !name };

		sections.push(s);

		return s['.name'];
	},
	remove: function(config, sid) { sections = sections.filter(function(s) { return s['.name'] != sid; }); }
};

/* An option of a form: one widget for each kind of value. */
class Value {
	constructor(section, name, title, description) {
		Object.assign(this, { section: section, option: name, title: title, description: description, keys: [], nodes: {} });
	}

	value(v, title) { this.keys.push([ v, title || v ]); }
	load(sid) { return this.cfgvalue(sid); }
	cfgvalue(sid) { return uci.get('netifyd', sid, this.option); }
	formvalue(sid) { return this.nodes[sid] ? this.nodes[sid].value : null; }
	write(sid, v) { uci.set('netifyd', sid, this.option, v); }
	remove(sid) { uci.unset('netifyd', sid, this.option); }

	widget(v) { return E('input', { 'type': 'text', 'value': v == null ? '' : v, 'placeholder': this.placeholder }); }

	renderWidget(sid, at, v) {
		const node = this.nodes[sid] = this.widget(v == null ? this['default'] : v);

		node.setAttribute('aria-label', this.title);
		node.id = 'w-' + sid + '-' + this.option;

		return node;
	}

	render(sid) {
		return E('div', { 'class': 'cbi-value' }, [ E('label', { 'for': 'w-' + sid + '-' + this.option }, [ this.title || '' ]), this.renderWidget(sid, 0, this.load(sid)), E('small', {}, [ this.description || '' ]) ]);
	}

	parse(sid) {
		const v = this.formvalue(sid), wrong = this.validate ? this.validate(sid, v) : true;

		if (wrong !== true) {
			this.nodes[sid].setAttribute('aria-invalid', 'true');
			throw new Error(this.title + ': ' + wrong);
		}

		if (v === '' || v == null || v.length === 0)
			this.remove(sid);
		else if (String(v) != String(this.cfgvalue(sid) == null ? '' : this.cfgvalue(sid)))
			this.write(sid, v);
	}
}

class Flag extends Value {
	widget(v) { const n = E('input', { 'type': 'checkbox' }); n.checked = v == '1'; return n; }
	formvalue(sid) { return this.nodes[sid].checked ? '1' : '0'; }
}

class ListValue extends Value {
	widget(v) {
		const n = E('select', {}, this.keys.map(function(k) { return E('option', { 'value': k[0] }, [ k[1] ]); }));

		n.value = v == null ? '' : v;

		return n;
	}
}

class DynamicList extends Value {
	widget(v) { return E('textarea', { 'rows': 1 }, [ (Array.isArray(v) ? v : v ? [ v ] : []).join('\n') ]); }
	formvalue(sid) { return this.nodes[sid].value.split('\n').map(function(s) { return s.trim(); }).filter(Boolean); }
}

/* Shows what is no option. */
class DummyValue extends Value {
	parse() {}
}

/* Holds a section of its own. */
class SectionValue extends Value {
	constructor(section, name, kind) {
		super(section, name);
		this.subsection = new kind(section.map, ...Array.prototype.slice.call(arguments, 3));
	}

	load() { return null; }
	renderWidget() { return this.subsection.render(); }
	parse() { this.subsection.parse(); }
}

class Section {
	constructor(map, type, title) { Object.assign(this, { map: map, type: type, title: title, options: [] }); }

	option(kind, name, title, description) {
		if (this.options.some(function(o) { return o.option == name; }))
			problems.push('two options are called ' + name);

		const o = new kind(this, name, ...Array.prototype.slice.call(arguments, 2));

		this.options.push(o);

		return o;
	}

	tab(name, title) { this.tabs = (this.tabs || []).concat({ name: name, title: title }); }

	taboption(tab) {
		const o = this.option.apply(this, Array.prototype.slice.call(arguments, 1));

		if (!this.tabs || !this.tabs.some(function(t) { return t.name == tab; }))
			problems.push('there is no tab ' + tab);

		o.tab = tab;

		return o;
	}

	parse() {
		const self = this;

		this.sids().forEach(function(sid) { self.options.forEach(function(o) { if (o.nodes[sid] || !(o instanceof Value) || o.subsection) o.parse(sid); }); });
	}

	sids() { return this.section ? [ this.section ] : uci.sections('netifyd', this.type).map(function(s) { return s['.name']; }); }

	render() {
		const self = this;

		return E('section', {}, [ E('h3', {}, [ this.title || '' ]) ].concat(this.sids().map(function(sid) {
			const of = function(list) { return list.map(function(o) { return o.render(sid); }); };

			return E('fieldset', { 'data-sid': sid }, self.tabs ? self.tabs.map(function(t) {
				return E('div', {}, [ E('h4', {}, [ t.title ]) ].concat(of(self.options.filter(function(o) { return o.tab == t.name; }))));
			}) : of(self.options));
		})));
	}
}

class NamedSection extends Section {
	constructor(map, sid, type, title) { super(map, type, title); this.section = sid; }
}

const form = {
	Value: Value, DummyValue: DummyValue, SectionValue: SectionValue, Flag: Flag, ListValue: ListValue, DynamicList: DynamicList,
	NamedSection: NamedSection, GridSection: Section, TypedSection: Section,
	Map: class {
		constructor(config, title, description) { Object.assign(this, { title: title, description: description, list: [] }); }

		section(kind) {
			const s = new kind(this, ...Array.prototype.slice.call(arguments, 1));

			this.list.push(s);

			return s;
		}

		render() {
			return Promise.resolve(E('form', {}, [ E('h2', {}, [ this.title ]), E('p', {}, [ this.description ]) ].concat(this.list.map(function(s) { return s.render(); }))));
		}

		parse() {
			const self = this;

			return Promise.resolve().then(function() {
				self.list.forEach(function(s) { s.parse(); });
			});
		}

		save() { return this.parse().then(function() { return post('/uci-save', sections); }); }
	}
};

const built = {
	baseclass: Base, view: Base, rpc: rpc, poll: poll, ui: ui, uci: uci, form: form,
	request: { get: function(url) { return fetch(url); } },
	'tools.widgets': { DeviceSelect: Value, NetworkSelect: Value }
};

const loaded = {};

/* Loads a module with what its first lines require, as LuCI does. */
function load(name) {
	if (built[name])
		return Promise.resolve(built[name]);

	return loaded[name] = loaded[name] || fetch('/resources/' + name.replace(/\./g, '/') + '.js').then(function(r) { return r.text(); }).then(function(text) {
		const needs = [], re = /(?:^|;)'require ([^ ']+)(?: as ([^ ']+))?'(?=;)/gm;
		let m;

		while ((m = re.exec(text)))
			needs.push([ m[1], m[2] || m[1] ]);

		return Promise.all(needs.map(function(n) { return load(n[0]); })).then(function(mods) {
			const fn = new Function(needs.map(function(n) { return n[1]; }).join(','), text + '\n//# sourceURL=' + name + '.js');

			return new (fn.apply(null, mods))();
		});
	});
}

window.addEventListener('error', function(e) { problems.push(String(e.message)); });
window.addEventListener('unhandledrejection', function(e) { problems.push(String(e.reason && e.reason.stack || e.reason)); });

/* Shows a page of ours; with "card", that of the front page. */
window.show = function(name) {
	return load(name).then(function(page) {
		window.page = page;

		return Promise.resolve(page.load ? page.load() : null).then(function(data) { return page.render(data); });
	}).then(function(node) {
		document.getElementById('view').replaceChildren(node);
	});
};
