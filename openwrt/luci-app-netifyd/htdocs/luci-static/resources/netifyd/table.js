'use strict';
'require baseclass';

/*
 * A table that is sorted by its headings and whose rows open. A column is
 * {name, title, cell(row), sort, end, wide}: wide ones are hidden on a phone,
 * end stands at the end of the line, as numbers do.
 */
const Table = baseclass.extend({
	__init__: function(columns, options) {
		const self = this;

		this.columns = columns;
		this.options = options || {};
		this.rows = [];
		this.open = null;
		this.held = false;
		this.body = E('tbody', {});
		this.node = E('table', { 'class': 'table netifyd-table' }, [ E('thead', {}, [ this.heads() ]), this.body ]);

		/* The order stays as it is while somebody points at a row, or has reached one with the keyboard. */
		[ 'pointerenter', 'focusin' ].forEach(function(e) { self.body.addEventListener(e, function() { self.held = true; }); });
		[ 'pointerleave', 'focusout' ].forEach(function(e) { self.body.addEventListener(e, function() { self.held = false; }); });
	},

	heads: function() {
		const self = this, o = this.options;

		return E('tr', { 'class': 'tr table-titles' }, this.columns.map(function(c) {
			const mine = o.sort == c.sort || o.sort == '-' + c.sort;

			if (!c.sort)
				return E('th', { 'class': self.style(c, 'th'), 'scope': 'col' }, [ c.title ]);

			return E('th', { 'class': self.style(c, 'th'), 'scope': 'col', 'aria-sort': !mine ? 'none' : o.sort == c.sort ? 'descending' : 'ascending' }, [
				E('button', { 'type': 'button', 'class': 'netifyd-sort', 'click': function() {
					o.sort = o.sort == c.sort ? '-' + c.sort : c.sort;
					self.held = false;
					self.node.querySelector('thead').replaceChildren(self.heads());
					self.node.querySelector('thead [aria-sort]:not([aria-sort=none]) button').focus();
					o.sorted(o.sort);
				} }, [ c.title, mine ? (o.sort == c.sort ? ' \u25be' : ' \u25b4') : '' ])
			]);
		}));
	},

	style: function(c, kind) {
		return kind + (c.end ? ' netifyd-end' : '') + (c.wide ? ' netifyd-wide' : '');
	},

	/* Shows rows. Those that were there keep their place while the order is held. */
	show: function(rows) {
		const self = this, key = this.options.key;

		if (this.held && key) {
			const fresh = {};

			rows.forEach(function(r) { fresh[r[key]] = r; });
			rows = this.rows.map(function(r) { return fresh[r[key]] || Object.assign({ gone: true }, r); });
		}

		const before = {}, focus = document.activeElement && document.activeElement.getAttribute('data-row');

		this.rows.forEach(function(r) { before[r[key]] = true; });

		const first = !this.rows.length, lines = [];

		rows.forEach(function(r) {
			lines.push(self.line(r, !first && key && !before[r[key]]));

			if (key && self.open && self.open.key === r[key])
				lines.push(self.open.node);
		});

		if (!rows.length)
			lines.push(E('tr', { 'class': 'tr placeholder' }, [ E('td', { 'class': 'td', 'colspan': this.columns.length }, [ E('em', {}, [ this.options.empty || _('Nothing yet.') ]) ]) ]));

		this.rows = rows;
		this.body.replaceChildren.apply(this.body, lines);

		if (focus) {
			const again = Array.prototype.find.call(this.body.querySelectorAll('[data-row]'), function(b) { return b.getAttribute('data-row') == focus; });

			if (again)
				again.focus();
		}
	},

	line: function(r, fresh) {
		const self = this, key = this.options.key, open = this.options.open;

		return E('tr', { 'class': 'tr' + (fresh ? ' netifyd-new' : '') + (r.gone ? ' netifyd-gone' : '') }, this.columns.map(function(c, i) {
			const cell = c.cell(r), kids = Array.isArray(cell) ? cell : [ cell ];

			if (i == 0 && open)
				return E('td', { 'class': self.style(c, 'td'), 'data-title': c.title }, [
					E('button', { 'type': 'button', 'class': 'netifyd-open', 'data-row': r[key], 'aria-expanded': self.open && self.open.key === r[key] ? 'true' : 'false',
						'click': function() { self.toggle(r); } }, kids)
				]);

			return E('td', { 'class': self.style(c, 'td'), 'data-title': c.title }, kids);
		}));
	},

	toggle: function(r) {
		const key = r[this.options.key];

		if (this.open && this.open.key === key) {
			this.open = null;
		}
		else {
			const box = E('td', { 'class': 'td netifyd-detail', 'colspan': this.columns.length }, [ E('em', { 'class': 'spinning' }, [ _('Loading…') ]) ]);

			this.open = { key: key, node: E('tr', { 'class': 'tr' }, [ box ]) };

			Promise.resolve(this.options.open(r)).then(function(node) {
				box.replaceChildren(node);
			}, function(err) {
				box.replaceChildren(E('em', {}, [ err.message ]));
			});
		}

		const held = this.held;

		this.held = true;
		this.show(this.rows);
		this.held = held;
	}
});

return baseclass.extend({
	make: function(columns, options) { return new Table(columns, options); }
});
