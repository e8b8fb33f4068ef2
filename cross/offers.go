package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"netifyd/cross/adb"
	"netifyd/cross/feed"
	"netifyd/cross/ipk"
	"netifyd/cross/tree"
)

// keyring signs the feeds: one key for opkg, one for apk.
type keyring struct {
	opkg *feed.Key
	apk  *ecdsa.PrivateKey
}

// keys reads the secret keys: opkg's from path, apk's from path + ".pem".
// Those that are not there are made, with their public halves beside them.
func (j *job) keys(path string) (*keyring, error) {
	if path == "" {
		path = filepath.Join(j.out, "feed.key")
	}
	k := &keyring{}
	text, err := secret(path, func() ([]byte, []byte, error) {
		k, err := feed.NewKey()
		if err != nil {
			return nil, nil, err
		}
		return k.Secret(), k.Public(), nil
	})
	if err != nil {
		return nil, err
	}
	if k.opkg, err = feed.ParseKey(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if text, err = secret(path+".pem", newPEM); err != nil {
		return nil, err
	}
	if k.apk, err = parsePEM(text); err != nil {
		return nil, fmt.Errorf("%s.pem: %w", path, err)
	}
	return k, nil
}

// secret reads a file; where it is not, it writes a new key and its public half.
func secret(path string, fresh func() (private, public []byte, err error)) ([]byte, error) {
	text, err := os.ReadFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		return text, err
	}
	private, public, err := fresh()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, private, 0o600); err != nil {
		return nil, err
	}
	return private, os.WriteFile(path+".pub", public, 0o644)
}

func newPEM() (private, public []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	a, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		return nil, nil, err
	}
	b, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: a}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}), nil
}

func parsePEM(text []byte) (*ecdsa.PrivateKey, error) {
	b, _ := pem.Decode(text)
	if b == nil {
		return nil, errors.New("no PEM in it: make one with openssl ecparam -name prime256v1 -genkey -noout")
	}
	return x509.ParseECPrivateKey(b.Bytes)
}

// offers writes the indexes of all feeds.
func (j *job) offers(feeds map[string]*offer, k *keyring) error {
	for _, arch := range slices.Sorted(maps.Keys(feeds)) {
		if err := feeds[arch].write(j, j.feed(arch), k); err != nil {
			return fmt.Errorf("feed %s: %w", arch, err)
		}
	}
	dir := filepath.Join(j.out, "packages", "openwrt")
	if len(feeds) == 0 {
		return nil
	}
	// The name of opkg's key in /etc/opkg/keys is its fingerprint.
	if err := j.save(dir, k.opkg.Fingerprint(), k.opkg.Public()); err != nil {
		return err
	}
	b, err := x509.MarshalPKIXPublicKey(&k.apk.PublicKey)
	if err != nil {
		return err
	}
	return j.save(dir, "netifyd.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}))
}

// add writes a package in both forms, and takes it into the indexes of an architecture.
func (o *offer) add(j *job, arch string, p *ipk.Package, a *adb.Package) error {
	b, err := j.write(j.feed(arch), p)
	if err != nil {
		return err
	}
	text, err := p.Text()
	if err != nil {
		return err
	}
	o.ipk = append(o.ipk, feed.Entry{File: p.File(), Control: text, Data: b})
	if b, err = j.write(j.feed(arch), a); err != nil {
		return err
	}
	o.apk.Packages, o.apk.Sizes = append(o.apk.Packages, a), append(o.apk.Sizes, int64(len(b)))
	return nil
}

func (o *offer) write(j *job, dir string, k *keyring) error {
	text, err := feed.Packages(o.ipk)
	if err != nil {
		return err
	}
	z, err := tree.Gzip(text)
	if err != nil {
		return err
	}
	o.apk.Description = "netifyd"
	var x bytes.Buffer
	if err := o.apk.Write(&x, k.apk); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{"Packages", text}, {"Packages.gz", z}, {"Packages.sig", k.opkg.Sign(text)}, {"packages.adb", x.Bytes()}} {
		if err := j.save(dir, f.name, f.data); err != nil {
			return err
		}
	}
	return nil
}
