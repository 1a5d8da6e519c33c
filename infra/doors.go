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

// open are the routes that ask for no token: what the web needs before it has one, and the exchange that gets it one.
var open = []struct {
	method gateway.HttpMethod
	path   string
}{
	{gateway.HttpMethod_GET, "/api/openapi.json"},
	{gateway.HttpMethod_GET, "/api/config"},
	{gateway.HttpMethod_POST, "/api/session"},
	{gateway.HttpMethod_POST, "/api/session/refresh"},
	{gateway.HttpMethod_DELETE, "/api/session"},
}

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

// routeHTTP is the agents' door. Every route wants a token unless it stands in open.
func routeHTTP(s *stack) {
	jwt := awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Agents"), s.identity.pool.AttrProviderUrl(),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: &[]*string{s.identity.client.Ref()}})
	agentapi := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Agentapi"), s.functions["agentapi"].Function, nil)
	add := func(method gateway.HttpMethod, path string, authorizer gateway.IHttpRouteAuthorizer) {
		s.api.AddRoutes(&gateway.AddRoutesOptions{
			Path: jsii.String(path), Methods: &[]gateway.HttpMethod{method}, Integration: agentapi, Authorizer: authorizer,
		})
	}
	add(gateway.HttpMethod_ANY, "/api/{proxy+}", jwt)
	for _, route := range open {
		add(route.method, route.path, gateway.NewHttpNoneAuthorizer())
	}
	// Far above what a team does, far below what would cost money: 100 a second is some 30 people clicking without a pause.
	stage := gateway.NewHttpStage(s.scope, jsii.String("Live"), &gateway.HttpStageProps{
		HttpApi: s.api, StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(100), BurstLimit: jsii.Number(200)},
	})
	pin(stage, "HttpStage")
}

func newSocketsAPI(s *stack) {
	api := gateway.NewWebSocketApi(s.scope, jsii.String("SocketsApi"), &gateway.WebSocketApiProps{
		ApiName: jsii.String("parley-" + s.stage + "-sockets"),
		// No route has a name of its own: $default takes every frame, and websocket reads its type.
		RouteSelectionExpression: jsii.String("$request.body.type"),
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
	// Every open tab says something once a minute and when it is used: room for some thousands of tabs.
	stage := gateway.NewWebSocketStage(s.scope, jsii.String("SocketsStage"), &gateway.WebSocketStageProps{
		WebSocketApi: s.sockets, StageName: jsii.String(socketsStage), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(500), BurstLimit: jsii.Number(1000)},
	})
	pin(stage, "SocketsStage")
	stage.Node().AddDependency(routes...) // API Gateway deploys no API without routes
}
