package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"os"

	"encoding/binary"
)

// echConfig writes an ECHConfig (draft-ietf-tls-esni-22 section 4) with DHKEM
// X25519, HKDF-SHA256 and AES-128-GCM.
func echConfig(public []byte, name string) []byte {
	b := []byte{1}                               // config_id
	b = binary.BigEndian.AppendUint16(b, 0x0020) // DHKEM(X25519, HKDF-SHA256)
	b = binary.BigEndian.AppendUint16(b, uint16(len(public)))
	b = append(b, public...)
	b = append(b, 0, 4, 0, 1, 0, 1) // HKDF-SHA256, AES-128-GCM
	b = append(b, 32, byte(len(name)))
	b = append(b, name...)
	b = append(b, 0, 0) // no extensions
	head := binary.BigEndian.AppendUint16(nil, 0xfe0d)
	head = binary.BigEndian.AppendUint16(head, uint16(len(b)))
	return append(head, b...)
}

func serveTLS() error {
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		return err
	}
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	config := echConfig(k.PublicKey().Bytes(), "public.example.test")
	list := binary.BigEndian.AppendUint16(nil, uint16(len(config)))
	if err := os.WriteFile(*ech, append(list, config...), 0o600); err != nil {
		return err
	}
	ln, err := tls.Listen("tcp", *tlsAt, &tls.Config{
		Certificates:             []tls.Certificate{pair},
		NextProtos:               []string{"http/1.1"},
		EncryptedClientHelloKeys: []tls.EncryptedClientHelloKey{{Config: config, PrivateKey: k.Bytes(), SendAsRetry: true}},
	})
	if err != nil {
		return err
	}
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			fmt.Fprintln(c, "It works.")
			c.Close()
		}()
	}
}

func dialTLS() error {
	list, err := os.ReadFile(*ech)
	if err != nil {
		return err
	}
	c, err := tls.Dial("tcp", *tlsAt, &tls.Config{
		ServerName:                     *inside,
		NextProtos:                     []string{"h2", "http/1.1"},
		EncryptedClientHelloConfigList: list,
		InsecureSkipVerify:             true,
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if !c.ConnectionState().ECHAccepted {
		return fmt.Errorf("encrypted client hello was not accepted")
	}
	_, err = io.Copy(os.Stdout, c)
	return err
}
