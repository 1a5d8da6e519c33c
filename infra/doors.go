package main

import (
	gateway "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// socketsStage is also the path under which CloudFront shows the sockets: /ws.
const socketsStage = "ws"

// open are the routes that ask for no token: what the web needs before it has one, the exchange that gets it one, and pictures, whose signed
// links are the right to see them.
var open = []struct {
	method   gateway.HttpMethod
	path     string
	function string
}{
	{gateway.HttpMethod_GET, "/api/openapi.json", "agentapi"},
	{gateway.HttpMethod_GET, "/api/config", "agentapi"},
	{gateway.HttpMethod_POST, "/api/session", "agentapi"},
	{gateway.HttpMethod_POST, "/api/session/refresh", "agentapi"},
	{gateway.HttpMethod_DELETE, "/api/session", "agentapi"},
	{gateway.HttpMethod_GET, imageRoute, "imageproxy"},
}

const imageRoute = "/api/image"

// newHTTPAPI and newSocketsAPI come before the functions, which need their addresses; routeHTTP and routeSockets come after them.
func newHTTPAPI(s *stack) {
	s.api = gateway.NewHttpApi(s.scope, jsii.String("HttpApi"), &gateway.HttpApiProps{
		ApiName: jsii.String("parley-" + s.stage), CreateDefaultStage: jsii.Bool(false),
	})
	pin(s.api, "HttpApi")
}

// apiHost is where API Gateway itself answers for an API.
func (s *stack) apiHost(id *string) *string {
	return jsii.String(*id + ".execute-api." + *s.scope.Region() + "." + *s.scope.UrlSuffix())
}

// visitors is every route of the visitors' door: it asks for a token of ours itself, because visitors have no account at the issuer.
const visitors = "/api/visitor/{proxy+}"

// routeHTTP is the doors over HTTP. Every route of the agents' wants a token unless it stands in open.
func routeHTTP(s *stack) {
	jwt := awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Agents"), s.identity.pool.AttrProviderUrl(),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: &[]*string{s.identity.client.Ref()}})
	integrations := map[string]gateway.HttpRouteIntegration{}
	for _, name := range []string{"agentapi", "imageproxy", "visitorapi"} {
		integrations[name] = awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String(title(name)), s.functions[name].Function, nil)
	}
	add := func(method gateway.HttpMethod, path, function string, authorizer gateway.IHttpRouteAuthorizer) gateway.HttpRoute {
		return (*s.api.AddRoutes(&gateway.AddRoutesOptions{
			Path: jsii.String(path), Methods: &[]gateway.HttpMethod{method}, Integration: integrations[function], Authorizer: authorizer,
		}))[0]
	}
	add(gateway.HttpMethod_ANY, "/api/{proxy+}", "agentapi", jwt)
	var images gateway.HttpRoute
	for _, route := range open {
		if r := add(route.method, route.path, route.function, gateway.NewHttpNoneAuthorizer()); route.path == imageRoute {
			images = r
		}
	}
	visitorsRoute := add(gateway.HttpMethod_ANY, visitors, "visitorapi", gateway.NewHttpNoneAuthorizer())
	// Far above what a team does, far below what would cost money: 100 a second is some 30 people clicking without a pause.
	stage := gateway.NewHttpStage(s.scope, jsii.String("Live"), &gateway.HttpStageProps{
		HttpApi: s.api, StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(100), BurstLimit: jsii.Number(200)},
	})
	// Visitors get half of that, whoever they are: agents must not wait because somebody plays with the widget. Pictures come by the dozen, wait
	// for strangers and use up the account's Lambdas meanwhile: they get a part of it too. The web asks for six at a time.
	pin(stage, "HttpStage").(gateway.CfnStage).SetRouteSettings(map[string]any{
		"ANY " + visitors:   map[string]any{"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100},
		"GET " + imageRoute: map[string]any{"ThrottlingRateLimit": 40, "ThrottlingBurstLimit": 40},
	})
	stage.Node().AddDependency(images, visitorsRoute) // API Gateway takes no settings of a route that is not there yet
}

func newSocketsAPI(s *stack) {
	api := gateway.NewWebSocketApi(s.scope, jsii.String("SocketsApi"), &gateway.WebSocketApiProps{
		ApiName: jsii.String("parley-" + s.stage + "-sockets"),
		// $default takes every frame but one, and websocket reads its action.
		RouteSelectionExpression: jsii.String("$request.body.action"),
	})
	pin(api, "SocketsApi")
	s.sockets = api
	s.socketsURL = jsii.String("https://" + *s.apiHost(api.ApiId()) + "/" + socketsStage)
	s.socketsARN = s.arn("execute-api", *api.ApiId()+"/"+socketsStage)
}

// routeSockets gives every route an integration of its own: an integration that routes share allows only the first of them to call the function,
// and API Gateway would answer the others with 500.
func routeSockets(s *stack) {
	routes := []constructs.IDependable{}
	for _, event := range []string{"connect", "disconnect", "default"} {
		websocket := awsapigatewayv2integrations.NewWebSocketLambdaIntegration(jsii.String("Websocket"), s.functions["websocket"].Function, nil)
		routes = append(routes, s.sockets.AddRoute(jsii.String("$"+event), &gateway.WebSocketRouteOptions{Integration: websocket}))
	}
	// What only keeps a connection from being idle needs nobody to read it: API Gateway swallows it, without a function and without an answer.
	idle := awsapigatewayv2integrations.NewWebSocketMockIntegration(jsii.String("Idle"), &awsapigatewayv2integrations.WebSocketMockIntegrationProps{
		RequestTemplates: &map[string]*string{"200": jsii.String(`{"statusCode":200}`)}, TemplateSelectionExpression: jsii.String("200"),
	})
	routes = append(routes, s.sockets.AddRoute(jsii.String("idle"), &gateway.WebSocketRouteOptions{Integration: idle}))
	// Every open tab says something once a minute and when it is used: room for some thousands of tabs.
	stage := gateway.NewWebSocketStage(s.scope, jsii.String("SocketsStage"), &gateway.WebSocketStageProps{
		WebSocketApi: s.sockets, StageName: jsii.String(socketsStage), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(500), BurstLimit: jsii.Number(1000)},
	})
	pin(stage, "SocketsStage")
	stage.Node().AddDependency(routes...) // API Gateway deploys no API without routes
}
