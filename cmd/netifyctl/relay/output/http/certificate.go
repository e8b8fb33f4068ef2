package http

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"netifyd/cmd/netifyctl/relay/output"
)

// certificate tells errors that a person must mend from those that pass: the
// server's certificate is not ours to trust, or ours is not one that it takes.
func certificate(err error) error {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	alert := strings.Contains(err.Error(), "remote error: tls: ") && (strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "unknown ca") || strings.Contains(err.Error(), "access denied"))
	if errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &name) || alert {
		return &output.Unauthorized{Err: err}
	}
	return err
}
