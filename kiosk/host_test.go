package kiosk

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestABoxInTheNetworkIsServedByItsAddress: whoever listens on other addresses than
// loopback reaches the kiosk by the address itself, and by no name.
func TestABoxInTheNetworkIsServedByItsAddress(t *testing.T) {
	v := newVillage(t)
	listener, err := net.Listen("tcp4", "127.0.0.2:0") // stands for an address of the network
	if err != nil {
		t.Skip(err)
	}
	server := httptest.NewUnstartedServer(v.Handler())
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for host, served := range map[string]bool{
		"127.0.0.2:" + port:          true,
		"localhost:" + port:          true,
		"127.0.0.2":                  false, // port 80
		"127.0.0.2:1":                false,
		"127.0.0.3:" + port:          false, // another address of the box
		"192.168.1.10:" + port:       false,
		"0.0.0.0:" + port:            false,
		"127.2:" + port:              false,
		"2130706434:" + port:         false,
		"127.0.0.2.nip.test:" + port: false,
		"kiosk.test:" + port:         false,
	} {
		r := httptest.NewRequest(http.MethodGet, server.URL+"/", nil)
		r.RequestURI, r.Host = "", host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if (resp.StatusCode == http.StatusOK) != served {
			t.Errorf("host %q: %s", host, resp.Status)
		}
	}
}

func TestAddressesWrittenInOtherWays(t *testing.T) {
	for _, c := range []struct {
		host, address string
		same          bool
	}{
		{"192.168.1.10", "192.168.1.10", true},
		{"192.168.1.10", "::ffff:192.168.1.10", true},
		{"::ffff:192.168.1.10", "192.168.1.10", false},
		{"192.168.1.11", "192.168.1.10", false},
		{"192.168.001.010", "192.168.1.10", false},
		{"fd00::1", "fd00::1", true},
		{"fd00:0:0::1", "fd00::1", true},
		{"fe80::1", "fe80::1%eth0", true},
		{"fe80::2", "fe80::1%eth0", false},
		{"kiosk.test", "192.168.1.10", false},
		{"", "192.168.1.10", false},
		{"", "", false},
	} {
		if sameAddress(c.host, c.address) != c.same {
			t.Errorf("%q at %q: %v", c.host, c.address, !c.same)
		}
	}
}
