// Package front is the outermost layer of the HTTP server: who really calls, health, metrics, and the limits of every request.
package front

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the reverse proxies whose forwarded headers are believed. The zero value believes nobody.
type Proxies []netip.Prefix

// ParseProxies reads addresses and CIDR ranges such as "127.0.0.1" or "10.0.0.0/8".
func ParseProxies(list []string) (Proxies, error) {
	var proxies Proxies
	for _, s := range list {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			addr, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("trusted proxy %q is neither an address nor a range: write 127.0.0.1 or 10.0.0.0/8", s)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("trusted proxy %q would believe the whole world: name the proxy's own address", s)
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies, nil
}

func (p Proxies) trust(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

type callerKey struct{}

// caller is who calls, and whether a proxy that nobody declared spoke for them.
type caller struct {
	addr       netip.Addr
	undeclared bool
}

var forwardedHeaders = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}

// Handler finds out who calls: the peer, or, if the peer is a trusted proxy, the last address in X-Forwarded-For that is not
// one. Forwarded headers from anybody else are removed, so that nothing behind this handler can believe them.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := caller{addr: peer(r)}
		if p.trust(c.addr) {
			c.addr = p.forwarded(c.addr, r.Header.Values("X-Forwarded-For"))
		} else {
			for _, name := range forwardedHeaders {
				c.undeclared = c.undeclared || r.Header.Get(name) != ""
				r.Header.Del(name)
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

// forwarded walks the list from its end: each proxy appended the address that called it, and only those appended by trusted
// proxies mean anything.
func (p Proxies) forwarded(peer netip.Addr, headers []string) netip.Addr {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return peer
		}
		peer = addr.Unmap()
		if !p.trust(peer) {
			return peer
		}
	}
	return peer
}

// RemoteAddr returns who really calls, as [Proxies.Handler] found out.
func RemoteAddr(r *http.Request) netip.Addr {
	if c, ok := r.Context().Value(callerKey{}).(caller); ok {
		return c.addr
	}
	return peer(r)
}

// onThisMachine reports whether the caller is on this machine, and not somebody elsewhere whom a proxy on this machine brought
// without being declared.
func onThisMachine(r *http.Request) bool {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return !c.undeclared && RemoteAddr(r).IsLoopback()
}

func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr, _ := netip.ParseAddr(host)
	return addr.Unmap().WithZone("")
}
