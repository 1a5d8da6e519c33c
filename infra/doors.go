package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	gateway "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// socketsStage is also the path under which CloudFront will show the sockets: /ws.
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

// newHTTPAPI is the agents' door. Every route wants a token unless it stands in open.
func newHTTPAPI(s *stack) {
	p := s.parameters
	jwt := awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Agents"), p.oidcIssuer.ValueAsString(),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: &[]*string{p.oidcClient.ValueAsString()}})
	api := gateway.NewHttpApi(s.scope, jsii.String("HttpApi"), &gateway.HttpApiProps{
		ApiName: jsii.String("parley-" + s.stage), CreateDefaultStage: jsii.Bool(false), DefaultAuthorizer: jwt,
	})
	pin(api, "HttpApi")
	agentapi := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Agentapi"), s.functions["agentapi"].Function, nil)
	add := func(method gateway.HttpMethod, path string, authorizer gateway.IHttpRouteAuthorizer) {
		api.AddRoutes(&gateway.AddRoutesOptions{
			Path: jsii.String(path), Methods: &[]gateway.HttpMethod{method}, Integration: agentapi, Authorizer: authorizer,
		})
	}
	add(gateway.HttpMethod_ANY, "/api/{proxy+}", nil)
	for _, route := range open {
		add(route.method, route.path, gateway.NewHttpNoneAuthorizer())
	}
	// Far above what a team does, far below what would cost money: 100 a second is some 30 people clicking without a pause.
	stage := gateway.NewHttpStage(s.scope, jsii.String("Live"), &gateway.HttpStageProps{
		HttpApi: api, StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(100), BurstLimit: jsii.Number(200)},
	})
	pin(stage, "HttpStage")
	awscdk.NewCfnOutput(s.scope, jsii.String("ApiUrl"), &awscdk.CfnOutputProps{Value: api.ApiEndpoint()})
}

// newSocketsAPI comes before the functions, which need its address; routeSockets comes after them.
func newSocketsAPI(s *stack) gateway.WebSocketApi {
	api := gateway.NewWebSocketApi(s.scope, jsii.String("SocketsApi"), &gateway.WebSocketApiProps{
		ApiName: jsii.String("parley-" + s.stage + "-sockets"),
		// No route has a name of its own: $default takes every frame, and websocket reads its type.
		RouteSelectionExpression: jsii.String("$request.body.type"),
	})
	pin(api, "SocketsApi")
	s.socketsURL = jsii.String("https://" + *api.ApiId() + ".execute-api." + *s.scope.Region() + "." + *s.scope.UrlSuffix() + "/" + socketsStage)
	s.socketsARN = s.arn("execute-api", *api.ApiId()+"/"+socketsStage)
	return api
}

// routeSockets gives every route an integration of its own: an integration that routes share allows only the first of them to call the function,
// and API Gateway would answer the others with 500.
func routeSockets(s *stack, api gateway.WebSocketApi) {
	routes := []constructs.IDependable{}
	for _, event := range []string{"connect", "disconnect", "default"} {
		websocket := awsapigatewayv2integrations.NewWebSocketLambdaIntegration(jsii.String("Websocket"), s.functions["websocket"].Function, nil)
		routes = append(routes, api.AddRoute(jsii.String("$"+event), &gateway.WebSocketRouteOptions{Integration: websocket}))
	}
	// Every open tab says something once a minute and when it is used: room for some thousands of tabs.
	stage := gateway.NewWebSocketStage(s.scope, jsii.String("SocketsStage"), &gateway.WebSocketStageProps{
		WebSocketApi: api, StageName: jsii.String(socketsStage), AutoDeploy: jsii.Bool(true),
		Throttle: &gateway.ThrottleSettings{RateLimit: jsii.Number(500), BurstLimit: jsii.Number(1000)},
	})
	pin(stage, "SocketsStage")
	stage.Node().AddDependency(routes...) // API Gateway deploys no API without routes
	awscdk.NewCfnOutput(s.scope, jsii.String("SocketsUrl"), &awscdk.CfnOutputProps{Value: stage.Url()})
}
