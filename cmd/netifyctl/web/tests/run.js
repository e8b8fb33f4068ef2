'use strict';

/*
 * Tests of the page in a headless Chromium. netifyctl is the real one; the agent
 * is a control socket whose answers are the golden ones of core/query
 * (core/engine/testdata/answers.txt). Screenshots are written to build/screenshots.
 *
 *   node run.js [name of a test]
 */

const fs = require('fs'), net = require('net'), os = require('os'), path = require('path'), assert = require('assert'), { spawn } = require('child_process');
const root = path.resolve(__dirname, '..', '..', '..', '..');
const { chromium } = require(path.join(root, 'openwrt/luci-app-netifyd/tests/node_modules/playwright-core'));
const shots = path.join(root, 'build', 'screenshots');
const browserPath = [ process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome' ].find(p => p && fs.existsSync(p));
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'netifyctl-pages-'));
const socket = path.join(dir, 'control.sock'), password = 'correct horse', evil = '<img src=x onerror=window.hacked=1>';

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

/* The agent: what each method answers, what was asked, and whether it is there. */
const agent = {
	conns: new Set(),

	reset: function(change) {
		this.asked = [];
		this.answers = {
			overview: () => answerOf('overview'), devices: () => answerOf('devices'), device: () => answerOf('device'), flows: () => answerOf('flows'), flow: () => answerOf('flow'),
			usage: a => answerOf('usage', a.by == 'category' ? '"category"' : '"application"'), hosts: () => answerOf('hosts'), alerts: () => answerOf('alerts'),
			status: () => ({ version: '0.2.0', uptime: 7200, flows: { now: 9, max: 8192 }, capture: { received: 1000, dropped: 1 }, interfaces: { columns: [ 'name' ], rows: [ [ 'br-lan' ] ], total: 1 }, warnings: [] }),
			protocols: () => ({ version: '1', columns: [ 'id', 'name', 'category' ], rows: [ [ 12, 'SSDP', '' ], [ 188, 'QUIC', '' ] ], total: 2 }),
			applications: () => ({ version: '1', columns: [ 'id', 'tag', 'category' ], rows: [ [ 133, 'netify.netflix', 29 ] ], total: 1 }),
			device_set: () => ({ done: true }), device_forget: () => ({ done: true })
		};

		if (change)
			change(this.answers);
	},

	start: function() {
		const self = this;

		fs.rmSync(socket, { force: true });
		this.server = net.createServer(c => {
			let rest = '';

			self.conns.add(c);
			c.on('close', () => self.conns.delete(c));
			c.on('error', () => {});
			c.on('data', d => {
				const lines = (rest + d).split('\n');

				rest = lines.pop();
				lines.forEach(line => {
					const q = JSON.parse(line), fn = self.answers[q.method];

					self.asked.push({ method: q.method, args: q.args || {} });
					c.write(JSON.stringify(fn ? fn(q.args || {}) : { error: 'no such method' }) + '\n');
				});
			});
		});

		return new Promise(done => this.server.listen(socket, done));
	},

	stop: function() {
		this.conns.forEach(c => c.destroy());

		return new Promise(done => this.server.close(done));
	}
};

/* netifyctl web on a port of its own. */
function serve(args) {
	return new Promise((done, failed) => {
		const child = spawn(path.join(root, 'build/netifyctl-pages'), [ 'web', '--listen', '127.0.0.1:0', '--control', socket ].concat(args || []));
		let words = '';

		child.stderr.on('data', d => {
			const m = (words += d).match(/(http:\/\/\S+)/);

			if (m)
				done({ base: m[1], end: () => new Promise(gone => { child.once('exit', gone); child.kill('SIGTERM'); }) });
		});
		child.on('exit', () => failed(new Error('netifyctl ended: ' + words)));
	});
}

const pages = [ '', 'devices', 'flows', 'applications', 'alerts' ], tests = {};
let browser, open_, locked;

/* Opens a page over answers, and gives it when it was drawn. */
async function open(name, change, options) {
	agent.reset(change);

	const o = options || {}, base = (o.server || open_).base;
	const context = await browser.newContext({ viewport: { width: o.width || 1280, height: 800 }, colorScheme: o.dark ? 'dark' : 'light', locale: o.locale || 'en-GB' });
	const p = await context.newPage();

	p.setDefaultTimeout(30000);
	p.problems = [];
	p.on('pageerror', e => p.problems.push(e.message));
	p.on('console', m => { if (m.type() == 'error' && !/50[0-9]|ERR_(INCOMPLETE|CONNECTION|NETWORK)/.test(m.text())) p.problems.push(m.text()); });
	p.on('request', r => { if (!/^(blob:)?http:\/\/127\.0\.0\.1:/.test(r.url())) p.problems.push('asks ' + r.url()); });
	await p.goto(base + '/' + name + (o.hash ? '#' + o.hash : ''));
	await p.waitForSelector('#view .netifyd-page');

	return p;
}

/* Nothing went wrong, and no name from the network became a node of the page. */
async function sound(p) {
	assert.deepEqual(p.problems, []);
	assert.equal(await p.evaluate(() => window.hacked || document.querySelectorAll('#view img, #modal img, #toasts img').length), 0);
	await p.context().close();
}

for (const name of pages) {
	const title = name || 'overview';

	tests[title + ' in light and dark, wide and narrow'] = async () => {
		for (const [ tag, o ] of [ [ 'light-1280', {} ], [ 'dark-1280', { dark: true } ], [ 'light-360', { width: 360 } ], [ 'dark-360', { width: 360, dark: true } ],
			[ 'german-360', { width: 360, locale: 'de-AT' } ], [ 'french-1280', { locale: 'fr-FR' } ] ]) {
			const p = await open(name, null, o);

			await p.waitForFunction(() => document.querySelectorAll('#view .td, #view .ranks a').length > 1);
			await p.screenshot({ path: path.join(shots, 'web-' + title + '-' + tag + '.png'), fullPage: true });

			const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			const [ back, fore ] = await p.evaluate(() => { const c = getComputedStyle(document.documentElement); return [ c.backgroundColor, c.color ]; });

			assert.ok(over <= 0, title + ' ' + tag + ' is ' + over + ' px too wide');
			assert.equal(parseInt(back.match(/\d+/)[0]) < 60, !!o.dark, tag + ' is ' + back);
			assert.notEqual(back, fore);
			assert.equal(await p.evaluate(() => document.documentElement.lang), (o.locale || 'en').slice(0, 2));
			assert.equal((await p.textContent('.menu [data-icon=devices]')).trim(), { de: 'Geräte', fr: 'Appareils' }[(o.locale || 'en').slice(0, 2)] || 'Devices');
			await sound(p);
		}
	};

	tests[title + ' says that the agent is away, and comes back by itself'] = async () => {
		await agent.stop();

		const p = await open(name);

		await p.waitForSelector('[role=alert] >> text=systemctl start netifyd');
		assert.ok((await p.textContent('[role=alert]')).includes('The agent is not running'));
		await agent.start();
		await p.waitForFunction(() => !document.querySelector('[role=alert]') && document.querySelectorAll('#view .td, #view .ranks a').length > 1);
		await sound(p);
	};
}

tests['it goes away while a page is open, and comes back'] = async () => {
	const p = await open('');

	await p.waitForSelector('.ranks a');
	await p.waitForSelector('#pulse:not([hidden])');
	await agent.stop();
	await p.waitForSelector('[role=alert] >> text=systemctl start netifyd');
	assert.ok(await p.isHidden('#pulse'));
	assert.ok(await p.locator('.ranks a').count(), 'what was seen is gone');
	await agent.start();
	await p.waitForFunction(() => !document.querySelector('[role=alert]'));
	await p.waitForSelector('#pulse:not([hidden])');
	await sound(p);
};

tests['netifyctl itself ends, and starts again'] = async () => {
	const own = await serve(), p = await open('devices', null, { server: own });

	await p.waitForSelector('.netifyd-open');
	await own.end();
	await p.evaluate(() => document.querySelector('[aria-pressed]').click());
	await p.waitForSelector('[role=alert] >> text=server is gone');
	p.problems = [];

	const again = await serve([ '--listen', own.base.replace('http://', '') ]);

	await p.waitForFunction(() => !document.querySelector('[role=alert]'), null, { timeout: 60000 });
	await sound(p);
	await again.end();
};

tests['hostile names are text'] = async () => {
	const poison = reply => {
		const out = JSON.parse(JSON.stringify(reply), (k, v) => typeof(v) == 'string' && /^\d+$/.test(k) && !/^[0-9a-f:]{16,17}$/.test(v) ? evil : v);

		(function columns(a, b) { for (const k in b) { if (k == 'columns') a[k] = b[k]; else if (b[k] && typeof(b[k]) == 'object' && a[k]) columns(a[k], b[k]); } })(out, reply);

		return out;
	};

	for (const name of pages) {
		const p = await open(name, answers => {
			for (const m of [ 'overview', 'devices', 'device', 'flows', 'usage', 'hosts', 'alerts' ]) {
				const honest = answers[m];

				answers[m] = a => poison(honest(a));
			}

			let n = 0;
			const o = answers.overview;

			answers.overview = a => Object.assign(o(a), { alerts: ++n });
		});

		await p.waitForFunction(t => document.getElementById('view').textContent.includes(t), evil);

		if (await p.locator('.netifyd-open').count()) {
			await p.click('.netifyd-open'); // finds it again where the list was drawn anew
			await p.waitForFunction(() => document.querySelector('.netifyd-detail') && !document.querySelector('.netifyd-detail .spinning'));
		}

		if (!name)
			await p.waitForFunction(t => document.getElementById('toasts').textContent.includes(t), evil);

		await sound(p);
	}
};

tests['a script that makes HTML out of text is stopped'] = async () => {
	const p = await open('');

	assert.ok(await p.evaluate(() => { try { document.body.innerHTML = '<b>x</b>'; return false; } catch (e) { return true; } }));
	p.problems = [];
	await sound(p);
};

tests['flows: filter, sort, open'] = async () => {
	const p = await open('flows', null, { hash: 'filter=proto%3Assdp' });
	const last = () => agent.asked.filter(a => a.method == 'flows').pop().args;

	await p.waitForSelector('.netifyd-open');
	assert.ok(last().filter.includes('proto:ssdp'));
	await p.fill('[aria-label=Filter]', 'device:tv');
	await p.waitForFunction(() => location.hash.includes('device'));
	await p.click('th button:has-text("Bytes")');
	await p.waitForFunction(() => document.querySelector('th[aria-sort=descending]').textContent.includes('Bytes'));
	await p.click('.netifyd-open');
	await p.waitForSelector('.netifyd-detail dt');
	assert.ok(last().filter.includes('device:tv') && last().sort == 'bytes', JSON.stringify(last()));
	await sound(p);
};

tests['a wrong filter is told in the agent\u2019s words'] = async () => {
	const p = await open('flows', answers => { answers.flows = () => ({ error: 'flows: filter: there is no key "colour"' }); });

	await p.waitForSelector('[role=alert] >> text=there is no key "colour"');
	p.problems = [];
	await sound(p);
};

tests['who did not give the password cannot change anything'] = async () => {
	for (const server of [ open_, locked ]) {
		const p = await open('devices', null, { server: server });

		await p.click('.netifyd-open');
		await p.waitForSelector('.netifyd-detail svg.netifyd-chart');
		assert.equal(await p.locator('text=Rename').count(), 0);
		assert.equal(await p.locator('[data-icon=lock]').count(), server == locked ? 1 : 0);
		await sound(p);
	}
};

tests['with the password: rename, and lock again'] = async () => {
	const p = await open('devices', null, { server: locked });

	await p.click('[data-icon=lock]');
	await p.fill('[name=password]', 'wrong horse');
	await p.click('text=Open');
	await p.waitForSelector('text=not the password');
	p.problems = [];
	await p.fill('[name=password]', password);
	await p.screenshot({ path: path.join(shots, 'web-login.png') });
	await p.click('text=Open');
	await p.waitForSelector('.netifyd-open');
	assert.ok(p.url().endsWith('/devices'));
	await p.click('.netifyd-open');
	await p.click('text=Rename…');
	await p.fill('#modal [aria-label=Name]', 'tv');
	await p.click('#modal >> text=Save');
	await p.waitForFunction(() => !document.getElementById('modal').open);
	assert.equal(agent.asked.find(a => a.method == 'device_set').args.name, 'tv');
	await p.click('[data-icon=unlock]');
	await p.waitForSelector('[data-icon=lock]');
	await sound(p);
};

tests['alerts: a few words for each new one, and how many nobody saw'] = async () => {
	let newest = 3;
	const p = await open('devices', answers => {
		const o = answers.overview;

		answers.overview = a => Object.assign(o(a), { alerts: newest });
		answers.alerts = a => ({ newest: newest, columns: [ 'number', 'alert', 'serious', 'first', 'last', 'device', 'name' ], rows: a.since < newest ? [ [ newest, 'device_new', false, 1, 1, '02:00:00:00:09:09', 'toaster' ] ] : [], total: 1 });
	});

	await p.waitForSelector('.menu [data-count="3"]');
	newest = 4;
	await p.waitForSelector('.toast >> text=New device: toaster');
	await p.waitForSelector('.menu [data-count="4"]');
	await sound(p);
};

tests['a hidden tab asks nothing'] = async () => {
	const p = await open('devices'), asked = [];

	await p.waitForSelector('.netifyd-open');
	await p.waitForSelector('#pulse:not([hidden])');
	await p.evaluate(() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); });
	p.on('request', r => asked.push(r.url()));
	await p.waitForTimeout(11000); // longer than the page's own time
	assert.deepEqual(asked, []);
	await Promise.all([
		p.waitForRequest(r => r.url().includes('api/devices')),
		p.evaluate(() => { Object.defineProperty(document, 'hidden', { value: false, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); })
	]);
	await sound(p);
};

tests['the theme is chosen and kept'] = async () => {
	const p = await open('alerts'), dark = () => p.evaluate(() => parseInt(getComputedStyle(document.documentElement).backgroundColor.match(/\d+/)[0]) < 60);

	assert.equal(await dark(), false);
	await p.click('#theme');
	await p.click('#theme');
	assert.equal(await dark(), true);
	await p.reload();
	await p.waitForSelector('#view .netifyd-page');
	assert.equal(await dark(), true);
	await sound(p);
};

(async () => {
	fs.mkdirSync(shots, { recursive: true });

	if (!browserPath) {
		console.error('no Chromium is here: apt-get install chromium, or say where it is in CHROMIUM');
		process.exit(1);
	}

	fs.writeFileSync(path.join(dir, 'password'), password + '\n', { mode: 0o600 });
	agent.reset();
	await agent.start();
	open_ = await serve();
	locked = await serve([ '--token-file', path.join(dir, 'password') ]);
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

		for (const c of browser.contexts()) // of a test that failed: its page would go on asking
			await c.close();
	}

	await browser.close();
	await open_.end();
	await locked.end();
	await agent.stop();
	fs.rmSync(dir, { recursive: true });
	process.exit(failed ? 1 : 0);
})();
