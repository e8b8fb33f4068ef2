/*
 * LuCI's own rules for the pages (openwrt/luci, eslint.config.mjs), and what we ask beyond them: no name
 * that nobody declared or uses, and no text that becomes HTML. To be run in the folder above.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import json from '@eslint/json';
import js from '@eslint/js';

const readonly = names => Object.fromEntries(names.split(' ').map(n => [ n, 'readonly' ]));

/* A child of E() that is a string, and in no array, is HTML. */
const html = 'put the children of E() into an array: a string alone becomes HTML';

export default defineConfig([
	globalIgnores([ 'tests/node_modules' ]),
	{
		files: [ '**/*.json' ],
		ignores: [ '**/package-lock.json' ],
		plugins: { json },
		language: 'json/json',
		extends: [ 'json/recommended' ],
		rules: { 'json/no-duplicate-keys': 'error' }
	},
	{
		files: [ '**/*.js' ],
		plugins: { js },
		extends: [ 'js/recommended' ],
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		languageOptions: { sourceType: 'script', ecmaVersion: 2026, parserOptions: { ecmaFeatures: { globalReturn: true } } },
		rules: {
			'strict': 0,
			'no-prototype-builtins': 0,
			'no-empty': 0,
			'no-regex-spaces': 0,
			'no-control-regex': 0,
			'no-undef': 'error',
			'no-unused-vars': [ 'error', { args: 'none', caughtErrors: 'none' } ]
		}
	},
	{
		files: [ 'htdocs/**/*.js' ],
		languageOptions: {
			globals: {
				...globals.browser,
				...readonly('_ N_ L E'),
				...readonly('baseclass form poll request rpc uci ui view widgets'), // LuCI's modules
				...readonly('ask catalogue chart names options risks stream table text') // ours
			}
		},
		rules: {
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-new-func': 'error',
			'no-restricted-properties': [ 'error', ...[ 'innerHTML', 'outerHTML', 'insertAdjacentHTML' ].map(property => ({ property })), { object: 'document', property: 'write' } ],
			'no-restricted-syntax': [ 'error',
				...[ 'Literal', 'TemplateLiteral', 'BinaryExpression', 'MemberExpression', 'CallExpression[callee.name=/^(_|N_|String)$/]', 'CallExpression[callee.property.name=/^(format|join|toString)$/]' ]
					.map(kind => ({ selector: 'CallExpression[callee.name="E"] > ' + kind + ':nth-child(3).arguments', message: html })),
			]
		}
	},
	{ files: [ 'tests/run.js', 'tests/tabs.js' ], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
	{ files: [ 'tests/standin.js' ], languageOptions: { globals: { ...globals.browser, ...readonly('L E _') } } }
]);
