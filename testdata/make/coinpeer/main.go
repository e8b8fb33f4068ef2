// Coinpeer is one end of a protocol that only libraries speak: coinpeer
// PROTOCOL serve ADDRESS, or coinpeer PROTOCOL call ADDRESS.
package main

import (
	"crypto/ecdsa"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/btcsuite/btcd/chaincfg"
	"github.com/btcsuite/btcd/peer"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("give a protocol, serve or call, and an address"))
	}
	what, address := os.Args[1]+" "+os.Args[2], os.Args[3]
	run, found := map[string]func(string) error{
		"bitcoin serve": serveBitcoin, "bitcoin call": callBitcoin,
		"ethereum serve": serveEthereum, "ethereum call": callEthereum,
	}[what]
	if !found {
		fail(fmt.Errorf("%s is unknown", what))
	}
	if err := run(address); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "coinpeer:", err)
	os.Exit(1)
}

func bitcoinConfig() *peer.Config {
	return &peer.Config{UserAgentName: "coinpeer", UserAgentVersion: "1.0", ChainParams: &chaincfg.MainNetParams, AllowSelfConns: true}
}

func serveBitcoin(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		peer.NewInboundPeer(bitcoinConfig()).AssociateConnection(c)
	}
}

func callBitcoin(address string) error {
	p, err := peer.NewOutboundPeer(bitcoinConfig(), address)
	if err != nil {
		return err
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	p.AssociateConnection(c)
	for range 100 {
		if p.VerAckReceived() {
			p.Disconnect()
			p.WaitForDisconnect()
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("no answer to the version")
}

// node starts a node of Ethereum with the key made of one number.
func node(number byte, address string, know ...*enode.Node) (*p2p.Server, error) {
	s := &p2p.Server{Config: p2p.Config{
		PrivateKey: key(number), MaxPeers: 2, Name: "coinpeer", ListenAddr: address, DiscoveryV4: true,
		BootstrapNodes: know, StaticNodes: know,
		Protocols: []p2p.Protocol{{Name: "talk", Version: 1, Length: 1, Run: func(*p2p.Peer, p2p.MsgReadWriter) error {
			time.Sleep(time.Second)
			return nil
		}}},
	}}
	return s, s.Start()
}

func key(number byte) *ecdsa.PrivateKey {
	b := make([]byte, 32)
	b[31] = number
	k, err := crypto.ToECDSA(b)
	if err != nil {
		fail(err)
	}
	return k
}

func serveEthereum(address string) error {
	if _, err := node(1, address); err != nil {
		return err
	}
	select {}
}

func callEthereum(address string) error {
	to, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return err
	}
	s, err := node(2, ":30303", enode.NewV4(&key(1).PublicKey, to.IP, to.Port, to.Port))
	if err != nil {
		return err
	}
	for range 200 {
		if s.PeerCount() > 0 {
			time.Sleep(500 * time.Millisecond)
			s.Stop()
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("no peer")
}
