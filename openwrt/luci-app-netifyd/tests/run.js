'use strict';

/*
 * Tests of the pages in a headless Chromium over a stand-in for LuCI. Answers are
 * the golden ones of core/query (core/engine/testdata/answers.txt), so a page that
 * reads a column that is not there any more fails here. Screenshots are written to
 * build/screenshots, to be looked at.
 *
 *   node run.js [name of a test]
 */

const fs = require('fs'), http = require('http'), path = require('path'), assert = require('assert');
const { chromium } = require('playwright-core');

const root = path.resolve(__dirname, '..', '..', '..');
const resources = path.join(__dirname, '..', 'htdocs', 'luci-static', 'resources');
const shots = path.join(root, 'build', 'screenshots');
const browserPath = [ process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome' ].find(p => p && fs.existsSync(p));

/* Golden answers: "# method arguments", then JSON over several lines. */
const golden = {};
let at = null;

for (const line of fs.readFileSync(path.join(root, 'core/engine/testdata/answers.txt'), 'utf8').split('\n')) {
	if (line.startsWith('# '))
		golden[at = line.slice(2).trim()] = '';
	else if (at)
		golden[at] += line;
}

function answerOf(method, wanted) {
	const key = Object.keys(golden).find(k => k.split(' ')[0] == method && (!wanted || k.includes(wanted)));

	return key ? JSON.parse(golden[key]) : {};
}

const evil = '<img src=x onerror=window.hacked=1>';

/* The world that a test shows: what each method answers, and the configuration. */
function world(change) {
	const w = {
		asked: [],
		services: { netifyd: { start: 50, enabled: true, running: false }, dnsmasq: { running: true } },
		saved: null,
		sections: [
			{ '.type': 'netifyd', '.name': 'cfg01', '.anonymous': true, enabled: '1', autoconfig: '1' },
			{ '.type': 'interface', '.name': 'cfg02', '.anonymous': true, network: 'guest', role: 'lan' },
			{ '.type': 'target', '.name': 'night_set', type: 'nftset', set: 'night' },
			{ '.type': 'rule', '.name': 'night', criteria: 'app == \'netify.tiktok\'', targets: [ 'night_set' ], times: [ '20:00-07:00' ] }
		],
		answers: {
			overview: a => a.since ? Object.assign(answerOf('overview'), { newest: a.since, wan: { of: 'devices', down: [], up: [] } }) : answerOf('overview'),
			status: () => ({ version: '0.2.0', uptime: 7200, flows: { now: 9, max: 8192 }, capture: { received: 1000, dropped: 1 }, warnings: [] }),
			devices: () => answerOf('devices'),
			device: () => answerOf('device'),
			flows: () => answerOf('flows'),
			flow: () => answerOf('flow'),
			usage: a => answerOf('usage', a.by == 'category' ? '"category"' : a.by == 'application' ? '"application"' : ''),
			hosts: () => answerOf('hosts'),
			alerts: () => answerOf('alerts'),
			categories: () => answerOf('categories'),
			protocols: () => ({ version: '1', columns: [ 'id', 'name', 'category' ], rows: [ [ 12, 'SSDP', '' ], [ 188, 'QUIC', '' ] ], total: 2 }),
			applications: () => ({ version: '1', columns: [ 'id', 'tag', 'category' ], rows: [ [ 133, 'netify.netflix', 29 ] ], total: 1 }),
			rules: () => ({
				targets: { columns: [ 'target', 'type', 'error', 'error_at', 'failing' ], rows: [ [ 'night_set', 'nftset', 'no such table', 1793405429, true ], [ 'old_set', 'nftset', 'was busy', 1793405429, false ] ] },
				columns: [ 'rule', 'enabled', 'active', 'paused_until', 'hits', 'flows', 'last', 'elements', 'errors', 'error', 'targets', 'times', 'criteria' ],
				rows: [ [ 'night', true, true, 0, 12, 3, 1793405429, 3, 0, '', [ 'night_set' ], [ '20:00-07:00' ], 'app == \'netify.tiktok\'' ] ]
			}),
			plan: a => ({ columns: [ 'what', 'count', 'bytes', 'setting' ], rows: [ [ 'flow table', +a.values['flows.max'] || 8192, 2097152, 'flows.max' ] ], bytes: (+a.values['flows.max'] || 8192) * 4096 }),
			check: a => a.text.includes('bad')
				? { columns: [ 'place', 'text', 'warning' ], rows: [ [ 'netifyd:' + (a.text.split('\n').findIndex(l => l.includes('bad')) + 1), 'is wrong: want another', false ] ], good: false }
				: { columns: [ 'place', 'text', 'warning' ], rows: [], good: true },
			device_set: () => ({ done: true }), device_forget: () => ({ done: true }), rule_pause: () => ({ done: true })
		}
	};

	if (change)
		change(w);

	return w;
}

let now = world();

const server = http.createServer((req, res) => {
	const send = (type, body, code) => { res.writeHead(code || 200, { 'Content-Type': type }); res.end(body); };

	if (req.method == 'POST') {
		let body = '';

		req.on('data', d => { body += d; });
		req.on('end', () => {
			const ask = JSON.parse(body || '{}');

			if (req.url == '/uci')
				return send('application/json', JSON.stringify(now.sections));

			if (req.url == '/uci-save') {
				now.saved = ask;

				return send('application/json', '{}');
			}

			now.asked.push(ask);

			if (ask.object == 'system')
				return send('application/json', '{"memory":{"total":134217728}}');

			if (ask.object == 'luci-rpc')
				return send('application/json', JSON.stringify(now.hints || {}));

			if (ask.object == 'session')
				return send('application/json', JSON.stringify({ access: !now.reader }));

			if (ask.object == 'rc' && ask.method == 'list')
				return send('application/json', JSON.stringify(now.services));

			if (ask.object == 'rc') {
				now.away = false;

				return send('application/json', '{}');
			}

			if (now.away)
				return send('application/json', '{"fault":"RPC call to netifyd/' + ask.method + ' failed with error -32000: Object not found"}');

			send('application/json', JSON.stringify(now.answers[ask.method](ask.args)));
		});
	}
	else if (req.url == '/ubus/subscribe/netifyd') {
		now.streams = (now.streams || 0) + 1;

		if (!now.stream || req.headers.authorization != 'Bearer 0123456789abcdef0123456789abcdef')
			return send('application/json', '{"error":{"code":-32002}}');

		res.writeHead(200, { 'Content-Type': 'text/event-stream' });
		res.flushHeaders();
		now.tell = (method, data) => res.write('event: ' + method + '\ndata: ' + JSON.stringify(data) + '\n\n');
		res.on('close', () => { now.tell = null; });
	}
	else if (req.url.startsWith('/resources/')) {
		const file = path.join(resources, path.normalize(req.url.slice(11)));

		if (!file.startsWith(resources) || !fs.existsSync(file))
			return send('text/plain', 'none', 404);

		send(file.endsWith('.css') ? 'text/css' : file.endsWith('.json') ? 'application/json' : 'text/javascript', fs.readFileSync(file));
	}
	else if (req.url == '/standin.js') {
		send('text/javascript', fs.readFileSync(path.join(__dirname, 'standin.js')));
	}
	else {
		send('text/html; charset=utf-8', '<!doctype html><html lang="en"><head><title>LuCI</title><style>' + fs.readFileSync(path.join(__dirname, 'theme.css')) + '</style></head>' +
			'<body><div id="notes"></div><main id="view"></main><div id="modal"></div><script src="/standin.js"></script></body></html>');
	}
});

const pages = [ 'overview', 'devices', 'flows', 'applications', 'alerts', 'rules', 'settings' ];
const tests = {};
let browser, base;

/* Opens a page of ours over a world, and gives it when it was drawn. */
async function open(name, change, options) {
	now = world(change);

	const o = options || {};
	const p = await (o.context || browser).newPage(o.context ? {} : { viewport: { width: o.width || 1280, height: 800 } });

	p.setDefaultTimeout(20000);
	await p.goto(base + (o.hash ? '/#' + o.hash : '/'));

	if (o.dark)
		await p.evaluate(() => document.documentElement.setAttribute('data-darkmode', 'true'));

	if (o.rtl)
		await p.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));

	await p.evaluate(n => window.show(n), name.includes('.') ? name : 'view.netifyd.' + name);
	await p.waitForFunction(() => !document.querySelector('.spinning'));

	return p;
}

/* Waits until a question was asked in a way. */
async function asked(method, how) {
	for (let i = 0; i < 400 && !now.asked.some(a => a.method == method && how(a.args)); i++)
		await new Promise(done => setTimeout(done, 50));

	assert.ok(now.asked.some(a => a.method == method && how(a.args)), method + ' was asked ' + JSON.stringify(now.asked.filter(a => a.method == method).map(a => a.args)));
}

/* Nothing went wrong, and no name from the network became a node of the page. */
async function sound(p) {
	assert.deepEqual(await p.evaluate(() => window.problems), []);
	assert.equal(await p.evaluate(() => window.hacked || document.querySelectorAll('#view img, #modal img').length), 0);
	await p.close();
}

for (const name of pages) {
	tests[name + ' in light and dark, wide and narrow, and from right to left'] = async () => {
		for (const [ tag, o ] of [ [ 'light-1280', {} ], [ 'dark-1280', { dark: true } ], [ 'light-360', { width: 360 } ], [ 'dark-360', { width: 360, dark: true } ], [ 'rtl-360', { width: 360, rtl: true } ] ]) {
			const p = await open(name, null, o);

			await p.waitForFunction(() => document.querySelectorAll('#view tr, #view fieldset').length > 1);
			await p.screenshot({ path: path.join(shots, name + '-' + tag + '.png'), fullPage: true });

			const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

			assert.ok(over <= 0, name + ' ' + tag + ' is ' + over + ' px too wide');
			await sound(p);
		}
	};

	tests[name + ' without an agent says so, and starts it'] = async () => {
		const p = await open(name, w => { w.away = true; });

		if (name == 'settings') {
			await p.waitForSelector('text=The agent is not running');
			await sound(p);

			return;
		}

		await p.click('button:has-text("Start")');
		await p.waitForFunction(() => window.calls.includes('rc.init'));

		for (let i = 0; i < 40 && await p.locator('[role=alert]').count(); i++)
			await p.evaluate(() => window.tick());

		assert.equal(await p.locator('[role=alert]').count(), 0);
		await sound(p);
	};
}

tests['hostile names are text'] = async () => {
	const poison = reply => JSON.parse(JSON.stringify(reply), (k, v) => typeof(v) == 'string' && k !== 'digest' && !/^(columns|device|id)$/.test(k) && !/^[0-9a-f:]{16,17}$/.test(v) && /^\d+$/.test(k) ? evil : v);

	for (const name of pages.filter(n => n != 'settings')) {
		const p = await open(name, w => {
			for (const m of [ 'overview', 'devices', 'device', 'flows', 'usage', 'hosts', 'alerts', 'rules' ]) {
				const honest = w.answers[m], keep = r => {
					const out = poison(r);

					(function columns(a, b) { for (const k in b) { if (k == 'columns') a[k] = b[k]; else if (b[k] && typeof(b[k]) == 'object' && a[k]) columns(a[k], b[k]); } })(out, r);

					return out;
				};

				w.answers[m] = a => keep(honest(a));
			}

			w.hints = { '02:00:00:00:09:01': { name: evil } };
		});

		await p.waitForFunction(t => document.getElementById('view').textContent.includes(t), evil);

		const button = await p.$('.netifyd-open');

		if (button) {
			await button.click();
			await p.waitForFunction(() => document.querySelector('.netifyd-detail') && !document.querySelector('.netifyd-detail .spinning'));
		}

		await sound(p);
	}
};

tests['a full table of flows is drawn within a second'] = async () => {
	const p = await open('flows', w => {
		const one = answerOf('flows').rows[0];

		w.answers.flows = () => Object.assign(answerOf('flows'), { total: 8192, rows: Array.from({ length: 50 }, (x, i) => [ 'd' + i ].concat(one.slice(1))) });
	});

	const took = await p.evaluate(async () => { const t = performance.now(); await window.tick(); return performance.now() - t; });

	assert.equal(await p.locator('.netifyd-open').count(), 50);
	assert.ok(await p.locator('text=1 to 50 of 8192 flows').count());
	assert.ok(took < 1000, took + ' ms');
	await sound(p);
};

tests['flows: filter, sort, open, page'] = async () => {
	const p = await open('flows', w => { const f = answerOf('flows'); w.answers.flows = () => Object.assign({}, f, { total: 120 }); }, { hash: 'filter=proto%3Assdp' });

	await p.waitForSelector('.netifyd-open');
	await asked('flows', a => a.filter == 'proto:ssdp !state:twin');
	await p.fill('[aria-label=Filter]', 'device:tv');
	await p.waitForFunction(() => location.hash.includes('device'));
	await p.click('th button:has-text("Bytes")');
	await p.waitForFunction(() => document.querySelector('th[aria-sort=descending]').textContent.includes('Bytes'));
	await asked('flows', a => a.sort == 'bytes');
	await p.click('text=More');
	await p.waitForSelector('text=51 to');
	await asked('flows', a => a.offset == 50);
	await p.focus('.netifyd-open');
	await p.keyboard.press('Enter');
	await p.waitForSelector('.netifyd-detail dt');
	assert.ok((await p.textContent('.netifyd-detail')).includes('detected_protocol_name'));
	await sound(p);
};

tests['flows keep their order while somebody points at them'] = async () => {
	const p = await open('flows', w => { w.answers.flows = () => { const f = answerOf('flows'); if (w.turned) f.rows.reverse(); return f; }; });
	const order = () => p.locator('.netifyd-open').evaluateAll(l => l.map(b => b.getAttribute('data-row')));

	await p.waitForSelector('.netifyd-open');

	const before = await order();

	await p.hover('.netifyd-open >> nth=1');
	now.turned = true;
	await p.evaluate(() => window.tick());
	assert.deepEqual(await order(), before);
	await p.hover('h2');
	await p.evaluate(() => window.tick());
	assert.notDeepEqual(await order(), before);
	await sound(p);
};

tests['devices: open, rename, hide, forget, chip'] = async () => {
	const p = await open('devices');

	await p.click('.netifyd-open');
	await p.waitForSelector('.netifyd-detail svg.netifyd-chart');
	assert.ok((await p.textContent('.netifyd-detail')).includes('Name, from'));
	await p.selectOption('.netifyd-detail select', '1');
	assert.equal(await p.locator('.netifyd-detail .netifyd-numbers tr').count(), 32);
	await p.focus('.netifyd-detail svg.netifyd-chart');
	await p.keyboard.press('ArrowLeft');
	await p.waitForFunction(() => document.querySelector('.netifyd-detail .netifyd-read').textContent.includes('down'));
	await p.click('text=Rename…');
	await p.fill('#modal [aria-label=Name]', 'tv');
	await p.click('#modal >> text=Save');
	await p.waitForFunction(() => !document.querySelector('#modal *'));
	assert.equal(now.asked.find(a => a.method == 'device_set').args.name, 'tv');
	await p.click('.netifyd-open');
	await p.click('.netifyd-detail >> text=Hide');
	await p.waitForFunction(() => window.calls.filter(c => c == 'netifyd.device_set').length == 2);
	await p.click('.netifyd-open');
	await p.click('.netifyd-detail >> text=Forget…');
	await p.click('#modal button:has-text("Forget")');
	await p.waitForFunction(() => window.calls.includes('netifyd.device_forget'));
	await p.click('text=Hidden');
	await p.waitForSelector('[aria-pressed=true]');
	await asked('devices', a => a.filter == 'state:hidden');
	await sound(p);
};

tests['applications: by and period, a row opens, CSV'] = async () => {
	const p = await open('applications');

	await p.waitForSelector('.netifyd-open');
	assert.equal(await p.inputValue('[aria-label=Period]'), 'today');
	await p.selectOption('[aria-label=Period]', 'month');
	await p.waitForFunction(() => window.calls.filter(c => c == 'netifyd.usage').length >= 2);
	await asked('usage', a => a.period == 'month');
	await p.click('.netifyd-open');
	await p.waitForSelector('.netifyd-detail h4');

	const [ file ] = await Promise.all([ p.waitForEvent('download'), p.click('text=CSV') ]);

	assert.match(fs.readFileSync(await file.path(), 'utf8'), /^name,down,up,flows\r\n[^,]+,\d+,\d+,\d+\r\n/);
	await sound(p);
};

tests['what the agent tells by itself is taken, and little is asked then'] = async () => {
	const context = await browser.newContext();
	const p = await open('overview', w => { w.stream = true; }, { context: context });
	const count = m => now.asked.filter(a => a.method == m).length;

	await p.waitForSelector('svg.netifyd-chart');

	for (let i = 0; i < 200 && !now.tell; i++)
		await p.waitForTimeout(50);

	const o = answerOf('overview');

	now.tell('tick', { t: o.newest + 5, newest: o.newest + o.step, wan: [ 250000, 1000 ], devices: [ [ o.devices.rows[0][0], 125000, 0 ] ], apps: [], flows: 77, lost: 0 });
	await p.waitForSelector('text=77 flows.');
	await p.waitForSelector('text=/2 Mbit.s. down/');
	await p.waitForSelector('td:has-text("1 Mbit/s")');
	assert.equal(await p.locator('svg.netifyd-chart polyline.netifyd-down').first().evaluate(n => n.getAttribute('points').split(' ').length), o.wan.down.length + 1);
	now.tell('tick', { t: o.newest + 5, newest: o.newest + o.step, wan: [ 250000, 1000 ], devices: [], apps: [], flows: 78, lost: 0 });
	await p.waitForSelector('text=78 flows.');
	assert.equal(await p.evaluate(async () => {
		const asked = () => window.calls.filter(c => c == 'netifyd.overview').length, before = asked();

		await window.tick();

		return asked() - before;
	}), 0, 'it asked though it is told');

	/* A second page of the browser hears it from the first one. */
	const q = await context.newPage();

	await q.goto(base);
	await q.evaluate(() => window.show('view.netifyd.alerts'));
	await q.waitForSelector('td');
	await q.waitForTimeout(2500);

	const alerts = count('alerts');

	now.tell('alert', { number: 9, alert: 'device_new' });

	for (let i = 0; i < 200 && count('alerts') == alerts; i++)
		await q.waitForTimeout(20);

	assert.ok(count('alerts') > alerts, 'an alert was told, and the page did not ask for it');
	assert.equal(now.streams, 1);
	await sound(q);
	await sound(p);
	await context.close();
};

tests['without a stream pages ask, and ask for it once'] = async () => {
	const p = await open('overview');

	await p.waitForSelector('svg.netifyd-chart');
	await p.waitForTimeout(4500);
	assert.equal(now.streams, 1);

	const before = now.asked.filter(a => a.method == 'overview').length;

	await p.evaluate(() => window.tick());
	assert.ok(now.asked.filter(a => a.method == 'overview').length > before);
	await sound(p);
};

tests['what is missing at the first run is said, with what to do'] = async () => {
	for (const [ change, words, button ] of [
		[ w => { w.away = true; }, 'is not running', 'Start' ],
		[ w => { w.away = true; w.services.netifyd.running = true; }, 'cannot be asked over ubus', 'Restart' ],
		[ w => { w.away = true; delete w.services.netifyd; }, 'install the package netifyd-go', null ],
		[ w => { w.away = true; w.reader = true; }, 'Whoever looks after this router', null ],
		[ w => { w.answers.overview = () => Object.assign(answerOf('overview'), { warnings: [ { id: 'no_capture', args: [] } ] }); }, 'Nothing is captured', 'Settings' ]
	]) {
		const p = await open('overview', change);

		await p.waitForSelector('text=' + words);

		if (button)
			await p.waitForSelector('.alert-message .btn:has-text("' + button + '")');
		else
			assert.equal(await p.locator('.alert-message .btn').count(), 0);

		await p.screenshot({ path: path.join(shots, 'first-' + words.split(' ').slice(-1)[0] + '.png') });
		await sound(p);
	}
};

tests['who may only read has no buttons that change'] = async () => {
	const p = await open('devices', w => { w.reader = true; });

	await p.click('.netifyd-open');
	await p.waitForSelector('.netifyd-detail svg.netifyd-chart');
	assert.equal(await p.locator('.netifyd-detail button:has-text("Rename")').count(), 0);
	await sound(p);
};

tests['risks of flows are shown in flows, overview and alerts'] = async () => {
	const risky = w => {
		const f = answerOf('flows'), at = n => f.columns.indexOf(n);

		f.rows[0][at('risk')] = 250;
		f.rows[0][at('risks')] = [ 3, 20 ];
		f.rows[1][at('risk')] = 10;
		f.rows[1][at('risks')] = [ 16 ];
		w.answers.flows = () => f;
		w.answers.overview = () => { const o = answerOf('overview'); o.words.at_risk = 2; return o; };
		w.answers.alerts = () => ({ newest: 1, columns: answerOf('alerts').columns, total: 1,
			rows: [ answerOf('alerts').columns.map(c => ({ number: 1, alert: 'risk_found', serious: true, first: 1793405429, last: 1793405429, device: '02:00:00:00:09:01', name: 'tv', label: 'Possible Exploit', value: 1 })[c] || '') ] });
	};
	let p = await open('flows', risky);

	await p.waitForSelector('.netifyd-wide .netifyd-risk.netifyd-high:has-text("severe")');
	assert.match(await p.getAttribute('.netifyd-wide .netifyd-risk.netifyd-high', 'title'), /^Possible Exploit \(severe\)\nClear-Text Credentials \(high\)$/);
	await p.waitForSelector('.netifyd-wide .netifyd-risk:has-text("low")');
	assert.match(now.asked.find(a => a.method == 'flows').args.filter, /^!state:twin$/);
	await p.click('button:has-text("At risk")');
	await p.waitForSelector('[aria-pressed=true]');
	await asked('flows', a => a.filter == 'risk:any !state:twin');
	await p.screenshot({ path: path.join(shots, 'flows-risks.png'), fullPage: true });
	await sound(p);

	p = await open('overview', risky);
	await p.waitForSelector('.alert-message:has-text("high risk")');
	await sound(p);

	p = await open('alerts', risky);
	await p.waitForSelector('text=tv has a flow at risk: Possible Exploit');
	assert.match(await p.getAttribute('a:has-text("Its flows")', 'href'), /risk%3Ahigh$/);
	await sound(p);
};

tests['alerts are seen once'] = async () => {
	const p = await open('alerts');

	await p.waitForSelector('.netifyd-unseen');
	await p.click('text=Mark all as seen');
	await p.waitForFunction(() => !document.querySelector('.netifyd-unseen'));
	await sound(p);
};

tests['overview asks for what is new, and the card says how it goes'] = async () => {
	const p = await open('overview');

	await p.waitForSelector('svg.netifyd-chart');
	await p.evaluate(() => window.tick());
	assert.ok(now.asked.filter(a => a.method == 'overview').pop().args.since > 0);
	await sound(p);

	const card = await open('view.status.include.75_netifyd'), most = answerOf('overview').applications.rows[0][2];

	assert.ok(most);
	assert.match(await card.textContent('#view'), new RegExp(`netifyd .*2 online, 2 new today.*Most used now${most}`));
	await sound(card);

	// On a line that rests nothing is used now: what is shown is of today, and says so.
	const rests = answerOf('overview'), rate = rests.applications.columns.indexOf('down_rate');

	rests.applications.rows.forEach(r => { r[rate] = r[rate + 1] = 0; });
	const idle = await open('view.status.include.75_netifyd', w => { w.answers.overview = () => rests; });

	assert.match(await idle.textContent('#view'), new RegExp(`Most used today${most} .+[0-9.]+ KiB`));
};

tests['rules: pause, a rule in words'] = async () => {
	const p = await open('rules');

	await p.waitForSelector('.alert-message:has-text("no such table")');
	assert.equal(await p.locator('.alert-message:has-text("was busy")').count(), 0, 'an error that is over is still a warning');
	await p.waitForSelector('text=old_set works again');

	await p.click('text=Pause 15 min');
	await p.waitForFunction(() => window.calls.includes('netifyd.rule_pause'));
	assert.deepEqual(now.asked.find(a => a.method == 'rule_pause').args, { rule: 'night', seconds: 900 });
	await p.click('text=New rule in words…');
	await p.click('#modal >> text=Save');
	await p.waitForSelector('#modal >> text=must be new');
	await p.fill('#modal [aria-label="Name of the rule"]', 'games');
	await p.selectOption('#modal [aria-label=Device]', { index: 1 });
	await p.selectOption('#modal [aria-label=Uses]', 'c:games');
	await p.fill('#modal [aria-label=Times]', 'mon-fri 20:00-07:00');
	await p.click('#modal >> text=Save');
	await p.waitForFunction(() => !document.querySelector('#modal *'));
	await p.waitForFunction(() => window.calls.includes('netifyd.check'));
	await p.waitForTimeout(0);

	for (let i = 0; i < 100 && !now.saved; i++)
		await p.evaluate(() => new Promise(requestAnimationFrame));

	const rule = now.saved.find(s => s['.name'] == 'games');

	assert.match(rule.criteria, /^mac == [0-9a-f:]{17} && category == 'games'$/);
	assert.deepEqual(rule.times, [ 'mon-fri 20:00-07:00' ]);
	await sound(p);
};

tests['settings: every option, the bill, errors by option, only changes are written'] = async () => {
	const options = JSON.parse(fs.readFileSync(path.join(resources, 'netifyd/options.json'), 'utf8'));
	const p = await open('settings');

	for (const o of options.filter(o => !/^(interface|stream|rule|target|group)$/.test(o.section)))
		assert.ok(await p.locator('[id="w-cfg01-' + o.section + '_' + o.name + '"]').count(), o.section + '.' + o.name + ' is not on the page');

	const max = '[id="w-cfg01-flows_max"]';

	await p.fill(max, '65536');
	await p.waitForSelector('.netifyd-bill .netifyd-high');
	await p.waitForSelector('text=/takes .2 MiB/');
	await p.fill(max, '12');
	assert.ok(await p.evaluate(() => window.page.handleSave().then(() => false, () => true)));
	assert.equal(now.saved, null);
	await p.fill(max, '4096');
	await p.fill('[id="w-cfg01-usage_period"]', 'bad');
	assert.ok(await p.evaluate(() => window.page.handleSave().then(() => false, () => true)));
	assert.ok((await p.textContent('[role=alert]')).includes('usage.period'));
	assert.equal(await p.locator('.cbi-value:has([id="w-cfg01-usage_period"]) .netifyd-high').textContent(), 'is wrong: want another');
	assert.equal(now.saved, null);
	await p.fill('[id="w-cfg01-usage_period"]', '');
	await p.evaluate(() => window.page.handleSave());
	assert.deepEqual(now.saved.find(s => s['.type'] == 'flows'), { '.type': 'flows', '.name': now.saved.find(s => s['.type'] == 'flows')['.name'], '.anonymous': true, max: '4096' });
	assert.ok(!now.saved.some(s => s['.type'] == 'capture'), 'a default was written');
	await sound(p);
};

tests['a hidden tab asks nothing, and errors slow a page down'] = async () => {
	const p = await open('overview');

	await p.waitForSelector('svg.netifyd-chart');

	const count = () => p.evaluate(() => window.calls.filter(c => c == 'netifyd.overview').length);
	const before = await count();

	await p.evaluate(() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }); return window.tick().then(window.tick); });
	assert.equal(await count(), before);
	await p.evaluate(() => Object.defineProperty(document, 'hidden', { value: false, configurable: true }));
	now.away = true;

	for (let i = 0; i < 12; i++)
		await p.evaluate(() => window.tick());

	assert.ok(await count() - before < 8, 'twelve ticks with errors asked ' + (await count() - before) + ' times');
	await sound(p);
};

(async () => {
	fs.mkdirSync(shots, { recursive: true });

	if (!browserPath) {
		console.error('no Chromium is here: apt-get install chromium, or say where it is in CHROMIUM');
		process.exit(1);
	}

	await new Promise(done => server.listen(0, '127.0.0.1', done));
	base = 'http://127.0.0.1:' + server.address().port;
	browser = await chromium.launch({ executablePath: browserPath, args: [ '--no-sandbox' ] });

	let failed = 0;

	for (const name in tests) {
		if (process.argv[2] && !name.includes(process.argv[2]))
			continue;

		try {
			await tests[name]();
			console.log('ok    ' + name);
		}
		catch (e) {
			failed++;
			console.log('FAIL  ' + name + '\n' + String(e.stack || e).replace(/^/gm, '      '));
		}
	}

	await browser.close();
	server.close();
	process.exit(failed ? 1 : 0);
})();
