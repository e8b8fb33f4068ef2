package source

// categories are the application categories of netify-categories.json. 1 is unclassified.
var categories = map[string]uint8{
	"unclassified": 1, "adult": 2, "advertiser": 3, "entertainment": 4, "business": 5, "education": 6,
	"financial": 9, "file-sharing": 10, "games": 12, "government": 13, "mail": 15, "malware": 16,
	"messaging": 17, "news": 18, "portal": 19, "recreation": 20, "reference": 21, "shopping": 23,
	"social-media": 24, "sports": 26, "technology": 27, "vpn-and-proxy": 28, "streaming-media": 29,
	"cybersecurity": 30, "os-software-updates": 31, "voip": 32, "device-iot": 33, "remote-desktop": 34,
	"cdn": 35, "hosting": 36, "telco": 37,
}

// Unclassified is the category of what has none.
const Unclassified = 1

// Category is the number of an application category; 0: there is none of that tag.
func Category(tag string) uint8 { return categories[tag] }

// CategoryTag is the tag of an application category; empty: there is none.
func CategoryTag(id uint8) string {
	for tag, n := range categories {
		if n == id {
			return tag
		}
	}
	return ""
}
