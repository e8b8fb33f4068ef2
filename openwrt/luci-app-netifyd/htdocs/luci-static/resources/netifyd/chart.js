'use strict';
'require baseclass';
'require netifyd.text as text';

/*
 * Charts as inline SVG, drawn by hand: they take the colours of the page, print,
 * and come with a table of the same numbers. No chart has more than 400 points.
 */

const H = 180, LEFT = 70, BOTTOM = 22, TOP = 8;

/* As wide as the page, so that letters keep their size. */
let W = 600;

function measure() { W = Math.max(280, Math.min(1100, document.documentElement.clientWidth - 60)); }

function svg(tag, attrs, children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', tag);

	for (let name in attrs)
		node.setAttribute(name, attrs[name]);

	(children || []).forEach(function(c) {
		node.appendChild(typeof(c) == 'object' ? c : document.createTextNode(c));
	});

	return node;
}

/* The next round number: 1, 2 or 5 times a power of ten or of 1024. */
function ceiling(n, step) {
	let unit = 1;

	while (n > unit * step)
		unit *= step;

	for (let f of [ 1, 2, 5, 10, 20, 50, 100, 200, 500, 1024 ])
		if (n <= f * unit)
			return f * unit;

	return n || 1;
}

function axis(top, unit) {
	const g = [];

	[ 0, 0.5, 1 ].forEach(function(f) {
		const y = TOP + (H - TOP - BOTTOM) * (1 - f);

		g.push(svg('line', { x1: LEFT, x2: W, y1: y, y2: y, 'class': 'netifyd-grid' }));
		g.push(svg('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end', 'class': 'netifyd-label' }, [ unit(top * f) ]));
	});

	return g;
}

/* The same numbers as a table, for those who cannot see the picture. */
function numbers(heads, lines) {
	return E('details', { 'class': 'netifyd-numbers' }, [
		E('summary', {}, [ _('Numbers') ]),
		E('table', { 'class': 'table' }, [
			E('tr', { 'class': 'tr table-titles' }, heads.map(function(h) { return E('th', { 'class': 'th', 'scope': 'col' }, [ h ]); }))
		].concat(lines.map(function(l) {
			return E('tr', { 'class': 'tr' }, l.map(function(c) { return E('td', { 'class': 'td' }, [ c ]); }));
		})))
	]);
}

/*
 * A picture with a cursor: the pointer or the arrow keys choose a point, and its
 * time and values stand below.
 */
function picture(label, n, at, say, parts) {
	const width = W, cursor = svg('line', { y1: TOP, y2: H - BOTTOM, x1: -9, x2: -9, visibility: 'hidden', 'class': 'netifyd-cursor' });
	const words = E('output', { 'class': 'netifyd-read', 'aria-live': 'polite' }, [ '\u00a0' ]);
	const image = svg('svg', { viewBox: '0 0 ' + width + ' ' + H, role: 'img', 'aria-label': label, tabindex: 0, 'class': 'netifyd-chart', direction: 'ltr' },
		[ svg('title', {}, [ label ]) ].concat(parts, [ cursor ]));
	let where = n;

	function show(i) {
		if (!n)
			return;

		where = Math.max(0, Math.min(n - 1, i));
		cursor.setAttribute('visibility', 'visible');
		cursor.setAttribute('x1', at(where));
		cursor.setAttribute('x2', at(where));
		words.replaceChildren(say(where));
	}

	image.addEventListener('pointermove', function(ev) {
		const box = image.getBoundingClientRect(), x = (ev.clientX - box.left) * width / (box.width || 1);
		let best = 0;

		for (let i = 1; i < n; i++)
			if (Math.abs(at(i) - x) < Math.abs(at(best) - x))
				best = i;

		show(best);
	});

	image.addEventListener('keydown', function(ev) {
		const move = { ArrowLeft: -1, ArrowRight: 1, Home: -n, End: n }[ev.key];

		if (move) {
			ev.preventDefault();
			show(where + move);
		}
	});

	return E('div', { 'class': 'netifyd-figure' }, [ image, words ]);
}

return baseclass.extend({
	/*
	 * Rates over time. down and up are lists of bytes a second, the newest last,
	 * each step seconds apart; now is the time of the newest.
	 */
	rates: function(down, up, step, now) {
		measure();

		const n = down.length, top = ceiling(Math.max.apply(null, down.concat(up, 125)) * 8, 1000) / 8;
		const width = (W - LEFT) / Math.max(1, n - 1), high = H - TOP - BOTTOM;
		const at = function(i) { return LEFT + i * width; };
		const line = function(list) {
			return list.map(function(v, i) { return at(i).toFixed(1) + ',' + (TOP + high * (1 - v / top)).toFixed(1); }).join(' ');
		};
		const when = function(i) { return now - (n - 1 - i) * step; };
		const parts = axis(top, text.rate);

		parts.push(svg('polygon', { points: LEFT + ',' + (H - BOTTOM) + ' ' + line(down) + ' ' + at(Math.max(0, n - 1)) + ',' + (H - BOTTOM), 'class': 'netifyd-area' }));
		parts.push(svg('polyline', { points: line(down), 'class': 'netifyd-down' }));
		parts.push(svg('polyline', { points: line(up), 'class': 'netifyd-up' }));

		[ 0, 0.5, 1 ].forEach(function(f) {
			const back = Math.round((n - 1) * step * (1 - f));

			parts.push(svg('text', { x: LEFT + (W - LEFT) * f, y: H - 6, 'text-anchor': f == 1 ? 'end' : f ? 'middle' : 'start', 'class': 'netifyd-label' },
				[ back > 0 ? '\u2212' + text.duration(back) : _('now') ]));
		});

		return E('div', {}, [
			this.legend(),
			picture(_('Down and up, the last %s').format(text.duration(n * step)), n, at, function(i) {
				return _('%s: down %s, up %s').format(new Date(when(i) * 1000).toLocaleTimeString(), text.rate(down[i]), text.rate(up[i]));
			}, parts),
			numbers([ _('Time'), _('Down'), _('Up') ], down.map(function(v, i) {
				return [ new Date(when(i) * 1000).toLocaleTimeString(), text.rate(v), text.rate(up[i]) ];
			}).filter(function(l, i) { return (n - 1 - i) % Math.max(1, Math.ceil(n / 20)) == 0; }))
		]);
	},

	legend: function() {
		return E('div', { 'class': 'netifyd-legend' }, [
			E('span', { 'class': 'netifyd-key-down' }, [ _('Down') ]),
			E('span', { 'class': 'netifyd-key-up' }, [ _('Up') ])
		]);
	},

	/* Bytes by hour, day or month: list of {start, down, up}, the oldest first. */
	bars: function(list, step) {
		measure();

		const n = list.length, top = ceiling(Math.max.apply(null, list.map(function(b) { return b.down + b.up; }).concat(1024)), 1024);
		const width = (W - LEFT) / Math.max(1, n), high = H - TOP - BOTTOM;
		const at = function(i) { return LEFT + (i + 0.5) * width; };
		const parts = axis(top, text.bytes);

		list.forEach(function(b, i) {
			const d = high * b.down / top, u = high * b.up / top, x = LEFT + i * width + width * 0.12, w = width * 0.76;

			parts.push(svg('rect', { x: x, y: H - BOTTOM - d, width: w, height: d, 'class': 'netifyd-bar-down' }));
			parts.push(svg('rect', { x: x, y: H - BOTTOM - d - u, width: w, height: u, 'class': 'netifyd-bar-up' }));

			if (i % Math.ceil(n * 64 / (W - LEFT)) == 0)
				parts.push(svg('text', { x: at(i), y: H - 6, 'text-anchor': 'middle', 'class': 'netifyd-label' }, [ text.step(b.start, step) ]));
		});

		return E('div', {}, [
			this.legend(),
			picture(_('Bytes down and up'), n, at, function(i) {
				return _('%s: down %s, up %s').format(text.step(list[i].start, step), text.bytes(list[i].down), text.bytes(list[i].up));
			}, parts),
			numbers([ _('Time'), _('Down'), _('Up') ], list.map(function(b) { return [ text.step(b.start, step), text.bytes(b.down), text.bytes(b.up) ]; }))
		]);
	},

	/* What part of the whole each has: list of {name, value}; a bar in place of a pie. */
	share: function(list) {
		const whole = list.reduce(function(sum, p) { return sum + p.value; }, 0), parts = [];
		let x = 0;

		list.forEach(function(p, i) {
			const w = whole ? W * p.value / whole : 0;

			parts.push(svg('rect', { x: x, y: 0, width: Math.max(0, w - 1), height: 18, 'class': 'netifyd-part', 'fill-opacity': Math.max(0.15, 0.9 - i * 0.11) },
				[ svg('title', {}, [ p.name + ' ' + text.percent(p.value, whole) ]) ]));
			x += w;
		});

		return svg('svg', { viewBox: '0 0 ' + W + ' 18', role: 'img', preserveAspectRatio: 'none', 'class': 'netifyd-share',
			'aria-label': list.slice(0, 5).map(function(p) { return p.name + ' ' + text.percent(p.value, whole); }).join(', ') || _('nothing yet') }, parts);
	},

	/* A bar as long as a part of the whole, for a cell of a table. */
	part: function(value, whole) {
		return svg('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'class': 'netifyd-bar', role: 'img', 'aria-label': text.percent(value, whole) || '0 %' },
			[ svg('rect', { x: 0, y: 0, height: 8, width: whole > 0 ? 100 * value / whole : 0, 'class': 'netifyd-bar-down' }) ]);
	},

	/* The last few rates of something, small. */
	spark: function(points) {
		const top = Math.max.apply(null, points.concat(1)), n = Math.max(1, points.length - 1);

		return svg('svg', { viewBox: '0 0 60 16', 'class': 'netifyd-spark', 'aria-hidden': 'true', direction: 'ltr' }, [
			svg('polyline', { 'class': 'netifyd-down', points: points.map(function(v, i) { return (60 * i / n).toFixed(1) + ',' + (15 - 14 * v / top).toFixed(1); }).join(' ') })
		]);
	}
});
