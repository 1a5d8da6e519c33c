package template

import (
	"fmt"
	"strings"
)

const (
	protocolHTTP   = "HTTP"
	protocolSocket = "WEBSOCKET"
)

func (r *reader) api(id string, res resource) error {
	var p struct {
		Name, RouteSelectionExpression unused
		ProtocolType                   string
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	if p.ProtocolType != protocolHTTP && p.ProtocolType != protocolSocket {
		return fmt.Errorf("protocol %q is not known", p.ProtocolType)
	}
	for other, protocol := range r.protocols {
		if protocol == p.ProtocolType {
			return fmt.Errorf("%s is a second %s API beside %s", id, protocol, other)
		}
	}
	r.protocols[id] = p.ProtocolType
	return nil
}

// protocol is that of the API to which v refers.
func (r *reader) protocol(v Value) (string, error) {
	id, err := r.one(v, "AWS::ApiGatewayV2::Api")
	return r.protocols[id], err
}

func (r *reader) stage(_ string, res resource) error {
	var p struct {
		ApiId                Value
		AutoDeploy           bool
		DefaultRouteSettings unused // nobody is throttled here
		RouteSettings        unused
		StageName            string
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	protocol, err := r.protocol(p.ApiId)
	if err != nil {
		return err
	}
	if protocol == protocolHTTP { // any other stage would stand in every path
		return want("StageName", p.StageName, "$default")
	}
	r.t.SocketStage = p.StageName
	return nil
}

func (r *reader) authorizer(id string, res resource) error {
	var p struct {
		ApiId, Name      unused
		AuthorizerType   string
		IdentitySource   []string
		JwtConfiguration struct {
			Audience []Value
			Issuer   Value
		}
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	r.authorizers[id] = JWT{Issuer: p.JwtConfiguration.Issuer, Audience: p.JwtConfiguration.Audience}
	return all(want("AuthorizerType", p.AuthorizerType, "JWT"),
		want("IdentitySource", strings.Join(p.IdentitySource, ","), "$request.header.Authorization"))
}

func (r *reader) integration(id string, res resource) error {
	var p struct {
		ApiId, IntegrationUri                         Value
		IntegrationType                               string
		PayloadFormatVersion                          string
		RequestTemplates, TemplateSelectionExpression unused
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	protocol, err := r.protocol(p.ApiId)
	if err != nil {
		return err
	}
	if p.IntegrationType == "MOCK" { // no function: the frame is swallowed
		r.integrations[id] = ""
		return want("protocol of a MOCK integration", protocol, protocolSocket)
	}
	version := "2.0"
	if protocol == protocolSocket {
		version = ""
	}
	if r.integrations[id], err = r.named(p.IntegrationUri, "AWS::Lambda::Function"); err != nil {
		return err
	}
	return all(want("IntegrationType", p.IntegrationType, "AWS_PROXY"), want("PayloadFormatVersion", p.PayloadFormatVersion, version))
}

func (r *reader) route(_ string, res resource) error {
	var p struct {
		ApiId, Target, AuthorizerId Value
		AuthorizationType, RouteKey string
	}
	if err := decode(res.Properties, &p); err != nil {
		return err
	}
	protocol, err := r.protocol(p.ApiId)
	if err != nil {
		return err
	}
	target, err := r.one(p.Target, "AWS::ApiGatewayV2::Integration")
	if err != nil {
		return err
	}
	function := r.integrations[target]
	if protocol == protocolSocket {
		r.t.SocketRoutes = append(r.t.SocketRoutes, SocketRoute{Key: p.RouteKey, Function: function})
		return want("AuthorizationType", p.AuthorizationType, "NONE")
	}
	method, path, ok := strings.Cut(p.RouteKey, " ")
	if !ok {
		return fmt.Errorf("route key %q has no method and path", p.RouteKey)
	}
	route := Route{Method: method, Path: path, Function: function}
	switch p.AuthorizationType {
	case "NONE":
	case "JWT":
		id, err := r.one(p.AuthorizerId, "AWS::ApiGatewayV2::Authorizer")
		if err != nil {
			return err
		}
		jwt := r.authorizers[id]
		route.JWT = &jwt
	default:
		return fmt.Errorf("authorization %q is not known", p.AuthorizationType)
	}
	r.t.Routes = append(r.t.Routes, route)
	return nil
}
