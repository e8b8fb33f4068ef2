'use strict';

/*
 * Ten pages open for a minute, in a LuCI that runs on this machine: what the four processes behind it take, beside a
 * minute without a page. To be run where they run, in their network namespace. For docs/performance.md.
 *
 *   node tabs.js http://127.0.0.1:8088 PASSWORD [nostream]
 */

const fs = require('fs');
const { chromium } = require('playwright-core');

const [ host, password, without ] = process.argv.slice(2);
const base = host + '/cgi-bin/luci/', kinds = [ 'overview', 'flows', 'flows', 'devices', 'applications', 'overview', 'flows', 'devices', 'alerts', 'overview' ];
const wait = ms => new Promise(done => setTimeout(done, ms));

/* Milliseconds of processor that each has had; a tick is 10 ms. */
function taken() {
	const all = {}, here = fs.readlinkSync('/proc/self/ns/net');

	for (const pid of fs.readdirSync('/proc').filter(n => /^\d+$/.test(n))) {
		try {
			if (fs.readlinkSync('/proc/' + pid + '/ns/net') != here)
				continue;

			const [ , name, rest ] = fs.readFileSync('/proc/' + pid + '/stat', 'utf8').match(/\((.*)\) (.*)/), f = rest.split(' ');

			if (/^(netifyd|ubusd|rpcd|uhttpd)$/.test(name))
				all[name] = (all[name] || 0) + 10 * (+f[11] + +f[12]);
		}
		catch (e) { /* it has ended */ }
	}

	return all;
}

async function minute(what) {
	const before = taken();

	await wait(60000);

	const after = taken();

	for (const name in after)
		console.log(what + ': ' + name + ' ' + (after[name] - (before[name] || 0)) + ' ms');
}

(async () => {
	const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [ '--no-sandbox' ] });
	const context = await browser.newContext();
	const pages = [ await context.newPage() ];

	context.setDefaultTimeout(120000);

	if (without)
		await context.route('**/ubus/subscribe/**', r => r.fulfill({ status: 404, body: '' }));

	await pages[0].goto(base, { waitUntil: 'commit' });
	await pages[0].fill('input[name=luci_password]', password);
	await pages[0].click('button.btn, input[type=submit]');
	await pages[0].waitForSelector('a[href*=logout]', { state: 'attached' });
	await pages[0].goto('about:blank');
	await minute('no page');

	for (const kind of kinds) {
		pages.push(await context.newPage());
		await pages[pages.length - 1].goto(base + 'admin/status/netifyd/' + kind, { waitUntil: 'commit' });
	}

	await wait(40000);
	await minute('ten pages');
	console.log('rows: ' + (await Promise.all(pages.slice(1).map(p => p.evaluate(() => document.querySelectorAll('#view tr').length)))).join(' '));
	await browser.close();
})();
