package console

import "strconv"

// risks are those that flows may have, by their numbers in the stream.
var risks = [...]string{
	0:  "None",
	1:  "Anonymous Subscriber",
	2:  "Binary Application Transfer",
	3:  "Clear-Text Credentials",
	4:  "Desktop/File Sharing",
	5:  "Fragmented DNS Message",
	6:  "Large DNS Packet (512+ bytes)",
	7:  "Suspicious DNS Traffic",
	8:  "Error Code",
	9:  "Crawler/Bot",
	10: "HTTP Numeric IP Address",
	11: "HTTP Suspicious Content",
	12: "HTTP Suspicious Header",
	13: "HTTP Suspicious URL",
	14: "HTTP Suspicious User-Agent",
	15: "Text With Non-Printable Characters",
	16: "Known Protocol on Non-standard Port",
	17: "Malformed Packet",
	18: "Malicious JA3 Fingerprint",
	19: "Malicious SSL Cert/SHA1 Fingerprint",
	20: "Possible Exploit",
	21: "IDN Domain Name",
	22: "Risky ASN",
	23: "Risky Domain Name",
	24: "SMB Insecure Version",
	25: "SSH Obsolete Client Version/Cipher",
	26: "SSH Obsolete Server Version/Cipher",
	27: "Suspicious DGA Domain name",
	28: "Suspicious Entropy",
	29: "TLS Certificate About To Expire",
	30: "TLS Certificate Expired",
	31: "TLS Certificate Mismatch",
	32: "TLS Certificate Validity Too Long",
	33: "TLS Fatal Alert",
	35: "TLS SNI Extension Not Found",
	36: "Obsolete TLS (v1.1 or older)",
	37: "Self-signed Certificate",
	38: "TLS Suspicious ESNI Usage",
	39: "TLS Suspicious Extension",
	40: "Uncommon TLS ALPN",
	41: "Weak TLS Cipher",
	42: "Unsafe Protocol",
	43: "RCE Injection",
	44: "SQL Injection",
	45: "XSS Attack",
	46: "Unidirectional Traffic",
	47: "TLS not carrying TLS",
	48: "HTTP Obsolete Server",
	49: "Periodic Flow",
	50: "Minor Issues",
	51: "TCP Connection Issues",
}

// riskName names one of them.
func riskName(number string) string {
	if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(risks) && risks[n] != "" {
		return risks[n]
	}
	return number
}

// severities are what a filter asks for beside names, by the score of a flow.
var severities = map[string]uint64{"any": 1, "low": 10, "medium": 50, "high": 100, "severe": 150}

// risky is the score from which on a flow is drawn as one at risk.
const risky = 100
