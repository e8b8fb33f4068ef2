#!/usr/bin/env python3
"""Compares address blocks of the catalogue with the lists that their owners publish.

Run by hand before a release: python3 detect/app/catalogue/ranges.py
It prints each block of which less than nine tenths are in its owner's list, and leaves with 1 where there is one.
Lists may be given as files for a run without a network: ranges.py amazon-aws=ip-ranges.json
"""
import glob, ipaddress, json, os, sys, tomllib, urllib.request

# Tags that stand for one owner, and where that owner publishes its addresses.
OWNERS = {
    "amazon-aws amazon-cloudfront": "https://ip-ranges.amazonaws.com/ip-ranges.json",
    "google google-cloud": "https://www.gstatic.com/ipranges/goog.json",
    "cloudflare": "https://www.cloudflare.com/ips-v4",
    "digitalocean": "https://digitalocean.com/geo/google.csv",
    "linode": "https://geoip.linode.com/",
    "github github-pages": "https://api.github.com/meta",
    "fastly": "https://api.fastly.com/public-ip-list",
    "azure": "",  # ServiceTags_Public_*.json, whose address changes each week: give it, azure=FILE
    "oracle-cloud": "https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json",
}
ENOUGH = 0.9


def blocks(text):
    """All address blocks in a list, whatever its form: JSON, CSV or plain lines."""
    for word in text.replace('"', " ").replace(",", " ").split():
        try:
            yield ipaddress.ip_network(word, strict=False)
        except ValueError:
            pass


def share(block, listed):
    """How much of a block is in disjoint listed ones."""
    inside = 0
    for x in listed:
        if block.subnet_of(x):
            return 1.0
        if x.subnet_of(block):
            inside += x.num_addresses
    return inside / block.num_addresses


def main():
    given = dict(a.split("=", 1) for a in sys.argv[1:])
    apps = {}
    for path in glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "*.toml")):
        with open(path, "rb") as f:
            for a in tomllib.load(f)["app"]:
                apps[a["tag"].removeprefix("netify.")] = a.get("networks", [])
    bad = False
    for tags, url in OWNERS.items():
        first = tags.split()[0]
        if not url and first not in given:
            print(f"{first}: no list given ({first}=FILE): not compared")
            continue
        try:
            with open(given[first]) if first in given else urllib.request.urlopen(url, timeout=30) as f:
                text = f.read()
        except OSError as e:
            print(f"{first}: {url}: {e}: not compared")
            continue
        found = list(blocks(text if isinstance(text, str) else text.decode()))
        for version in 4, 6:
            listed = list(ipaddress.collapse_addresses(x for x in found if x.version == version))
            if not listed:
                continue
            for tag in tags.split():
                for block in map(ipaddress.ip_network, apps.get(tag, [])):
                    if block.version == version and (part := share(block, listed)) < ENOUGH:
                        print(f"{tag}: {block}: {part:.0%} in the owner's list")
                        bad = True
    sys.exit(bad)


if __name__ == "__main__":
    main()
