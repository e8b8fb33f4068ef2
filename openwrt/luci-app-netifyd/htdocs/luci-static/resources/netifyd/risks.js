'use strict';
'require baseclass';

/*
 * What may be wrong with a flow: by the number of the agent, its name and how
 * severe it is (docs/risks.md). A test compares them with the agent's own table.
 */
const low = 10, medium = 50, high = 100, severe = 150;

const table = {
	2: [ _('Binary Application Transfer'), medium ],
	3: [ _('Clear-Text Credentials'), high ],
	4: [ _('Desktop/File Sharing'), low ],
	5: [ _('Fragmented DNS Message'), low ],
	6: [ _('Large DNS Packet (512+ bytes)'), low ],
	7: [ _('Suspicious DNS Traffic'), high ],
	9: [ _('Crawler/Bot'), low ],
	10: [ _('HTTP Numeric IP Address'), low ],
	11: [ _('HTTP Suspicious Content'), high ],
	12: [ _('HTTP Suspicious Header'), high ],
	13: [ _('HTTP Suspicious URL'), high ],
	14: [ _('HTTP Suspicious User-Agent'), high ],
	16: [ _('Known Protocol on Non-standard Port'), low ],
	17: [ _('Malformed Packet'), low ],
	20: [ _('Possible Exploit'), severe ],
	21: [ _('IDN Domain Name'), medium ],
	24: [ _('SMB Insecure Version'), high ],
	25: [ _('SSH Obsolete Client Version/Cipher'), medium ],
	26: [ _('SSH Obsolete Server Version/Cipher'), medium ],
	27: [ _('Suspicious DGA Domain name'), high ],
	28: [ _('Suspicious Entropy'), medium ],
	29: [ _('TLS Certificate About To Expire'), low ],
	30: [ _('TLS Certificate Expired'), high ],
	31: [ _('TLS Certificate Mismatch'), high ],
	32: [ _('TLS Certificate Validity Too Long'), low ],
	33: [ _('TLS Fatal Alert'), low ],
	35: [ _('TLS SNI Extension Not Found'), medium ],
	36: [ _('Obsolete TLS (v1.1 or older)'), high ],
	37: [ _('Self-signed Certificate'), high ],
	38: [ _('TLS Suspicious ESNI Usage'), low ],
	40: [ _('Uncommon TLS ALPN'), medium ],
	41: [ _('Weak TLS Cipher'), high ],
	43: [ _('RCE Injection'), severe ],
	44: [ _('SQL Injection'), severe ],
	45: [ _('XSS Attack'), severe ],
	46: [ _('Unidirectional Traffic'), low ],
	47: [ _('TLS not carrying TLS'), low ]
};

function degree(score) {
	return score >= severe ? _('severe') : score >= high ? _('high') : score >= medium ? _('medium') : _('low');
}

return baseclass.extend({
	/* The numbers, and the words of one. */
	numbers: function() { return Object.keys(table); },
	name: function(id) { return table[id][0]; },

	/* The words of each of a list of numbers, the most severe first. */
	words: function(list) {
		return (list || []).map(function(id) { return table[id] || [ '#' + id, low ]; }).sort(function(a, b) { return b[1] - a[1]; }).map(function(r) {
			return _('%s (%s)').format(r[0], degree(r[1]));
		});
	},

	/* A mark for a row, whose title says what is wrong; nothing where nothing is. */
	mark: function(list) {
		const words = this.words(list), worst = Math.max.apply(null, (list || []).map(function(id) { return (table[id] || [ 0, low ])[1]; }));

		return words.length ? E('span', { 'class': 'netifyd-risk' + (worst >= high ? ' netifyd-high' : ''), 'role': 'img', 'title': words.join('\n'), 'aria-label': words.join(', ') },
			[ '\u26a0 ' + degree(worst) ]) : '';
	}
});
