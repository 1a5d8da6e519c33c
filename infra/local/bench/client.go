package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// client is one keep-alive connection that speaks just enough HTTP/1.1, so that the measuring costs little beside what is measured.
type client struct {
	conn  net.Conn
	in    *bufio.Reader
	host  string
	token string
	buf   bytes.Buffer
}

func dial(p *program) *client {
	u, err := url.Parse(p.API)
	check(err)
	conn, err := net.Dial("tcp", u.Host)
	check(err)
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), host: u.Host, token: p.Token}
}

// do sends a request and returns the body; any status but 2xx ends the bench.
func (c *client) do(method, path, key string, body []byte) []byte {
	c.buf.Reset()
	fmt.Fprintf(&c.buf, "%s /api%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", method, path, c.host, c.token)
	if body != nil {
		fmt.Fprintf(&c.buf, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	if key != "" {
		fmt.Fprintf(&c.buf, "Idempotency-Key: %s\r\n", key)
	}
	c.buf.WriteString("\r\n")
	c.buf.Write(body)
	_, err := c.conn.Write(c.buf.Bytes())
	check(err)
	res, err := http.ReadResponse(c.in, nil)
	check(err)
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	check(err)
	if res.StatusCode/100 != 2 {
		check(fmt.Errorf("%s %s: %s %s", method, path, res.Status, out))
	}
	return out
}

// quantiles prints the median, the 95th and the 99th percentile in milliseconds.
func quantiles(name string, took []time.Duration) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	say(name+".p50", ms(took[len(took)/2]), "ms")
	say(name+".p95", ms(took[len(took)*95/100]), "ms")
	say(name+".p99", ms(took[len(took)*99/100]), "ms")
}
