/*
 * The rules of LuCI's pages for ours, to be run in the folder above. frame.js is what gives the pages the
 * names that LuCI would: it declares them, for all files of the bundle.
 */
import luci from '../../../../openwrt/luci-app-netifyd/tests/eslint.config.mjs';

const pages = luci.find(part => (part.files || []).includes('htdocs/**/*.js'));
const node = luci.find(part => (part.files || []).includes('tests/run.js'));
const browser = Object.fromEntries(Object.entries(pages.languageOptions.globals).filter(([ name ]) => !/^(_|N_|L|E|baseclass|form|poll|request|rpc|uci|ui|view|widgets|ask|catalogue|chart|names|options|risks|stream|table|text)$/.test(name)));

export default [
	...luci.filter(part => !part.ignores?.includes('tests/node_modules') && part != pages && part != node && !(part.files || []).includes('tests/standin.js')),
	{ ...pages, files: [ 'page/*.js' ], ignores: [ 'page/frame.js' ], languageOptions: { globals: { ...pages.languageOptions.globals, base: 'readonly' } } },
	{
		...pages, files: [ 'page/frame.js' ],
		languageOptions: { globals: { ...browser, phrases: 'readonly' }, parserOptions: { ecmaFeatures: { globalReturn: false } } },
		rules: { ...pages.rules, 'no-unused-vars': [ 'error', { vars: 'local', args: 'none', caughtErrors: 'none' } ] }
	},
	{ ...node, files: [ 'tests/run.js' ] }
];
