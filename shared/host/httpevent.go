package host

import (
	"fmt"
	"strconv"

	"parley/shared/table"
)

// decode reads an event by hand: it is the first thing of every request, most of it is maps of strings, and reflection would cost more
// than the rest of hosting together. http_test.go holds it against encoding/json. Members of other types than they have in AWS's
// payload are an error; null is the zero value.
func (e *HTTPEvent) decode(raw []byte) error {
	return table.WalkTo(raw, payloadDepth, func(name, v []byte) (err error) {
		switch string(name) {
		case `"version"`:
			e.Version, err = text(v)
		case `"routeKey"`:
			e.RouteKey, err = text(v)
		case `"rawPath"`:
			e.RawPath, err = text(v)
		case `"rawQueryString"`:
			e.RawQuery, err = text(v)
		case `"cookies"`:
			e.Cookies, err = texts(v)
		case `"headers"`:
			e.Headers, err = textMap(v)
		case `"requestContext"`:
			err = e.RequestContext.decode(v)
		case `"body"`:
			e.Body, err = text(v)
		case `"isBase64Encoded"`:
			e.Base64 = string(v) == "true"
		}
		return err
	})
}

const payloadDepth = 64 // a payload nests five deep; what we do not read may nest deeper

func (c *HTTPContext) decode(raw []byte) error {
	return object(raw, payloadDepth, func(name, v []byte) (err error) {
		switch string(name) {
		case `"accountId"`:
			c.AccountID, err = text(v)
		case `"apiId"`:
			c.APIID, err = text(v)
		case `"domainName"`:
			c.DomainName, err = text(v)
		case `"domainPrefix"`:
			c.DomainPrefix, err = text(v)
		case `"requestId"`:
			c.RequestID, err = text(v)
		case `"routeKey"`:
			c.RouteKey, err = text(v)
		case `"stage"`:
			c.Stage, err = text(v)
		case `"time"`:
			c.Time, err = text(v)
		case `"timeEpoch"`:
			c.TimeEpoch, err = strconv.ParseInt(string(v), 10, 64)
		case `"authorizer"`:
			if string(v) != "null" {
				c.Authorizer = new(HTTPAuthorizer)
				err = c.Authorizer.decode(v)
			}
		case `"http"`:
			err = c.HTTP.decode(v)
		}
		return err
	})
}

func (a *HTTPAuthorizer) decode(raw []byte) error {
	return object(raw, payloadDepth, func(name, v []byte) error {
		if string(name) != `"jwt"` {
			return nil
		}
		return object(v, payloadDepth, func(name, v []byte) (err error) {
			switch string(name) {
			case `"claims"`:
				a.JWT.Claims, err = textMap(v)
			case `"scopes"`:
				a.JWT.Scopes, err = texts(v)
			}
			return err
		})
	})
}

func (d *HTTPDescription) decode(raw []byte) error {
	return object(raw, payloadDepth, func(name, v []byte) (err error) {
		switch string(name) {
		case `"method"`:
			d.Method, err = text(v)
		case `"path"`:
			d.Path, err = text(v)
		case `"protocol"`:
			d.Protocol, err = text(v)
		case `"sourceIp"`:
			d.SourceIP, err = text(v)
		case `"userAgent"`:
			d.UserAgent, err = text(v)
		}
		return err
	})
}

// object visits the members of a JSON object; null has none.
func object(raw []byte, depth int, visit func(name, v []byte) error) error {
	if string(raw) == "null" {
		return nil
	}
	if raw[0] != '{' {
		return fmt.Errorf("host: %.40s where an object should be", raw)
	}
	return table.WalkTo(raw, depth, visit)
}

// list visits the elements of a JSON array.
func list(raw []byte, depth int, visit func(v []byte) error) error {
	if raw[0] != '[' {
		return fmt.Errorf("host: %.40s where a list should be", raw)
	}
	return table.WalkTo(raw, depth, func(_, v []byte) error { return visit(v) })
}

func text(v []byte) (string, error) {
	if v[0] == '"' {
		return table.Unquote(v), nil
	}
	if string(v) == "null" {
		return "", nil
	}
	return "", fmt.Errorf("host: %.40s where a string should be", v)
}

func textMap(raw []byte) (map[string]string, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	m := make(map[string]string, 24)
	err := object(raw, payloadDepth, func(name, v []byte) error {
		s, err := text(v)
		m[table.Unquote(name)] = s
		return err
	})
	return m, err
}

func texts(raw []byte) ([]string, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	out := []string{}
	err := list(raw, payloadDepth, func(v []byte) error {
		s, err := text(v)
		out = append(out, s)
		return err
	})
	return out, err
}
