package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// CloudFront's own policies, by the ids that are the same in every account (CloudFront developer guide, "Use managed … policies").
const (
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewerButHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
	plainSecurity    = "67f7725c-6f97-4210-82d7-5512b31e9d03" // HSTS, nosniff, no framing: what an API's answers need
)

// routeToPage makes every path that is no file the application's own page, so that a link into it can be opened. Not an error response of the
// distribution's: that would eat the API's answers too.
const routeToPage = `function handler(event) {
  var request = event.request;
  if (request.uri.substring(request.uri.lastIndexOf('/') + 1).indexOf('.') < 0) request.uri = '/index.html';
  return request;
}
`

// newEdge is the one public address: / the web, /api/* the HTTP API, /ws the sockets. Nothing of it costs while nobody comes.
func newEdge(s *stack) {
	access := awscloudfront.NewCfnOriginAccessControl(s.scope, jsii.String("WebAccess"), &awscloudfront.CfnOriginAccessControlProps{
		OriginAccessControlConfig: &awscloudfront.CfnOriginAccessControl_OriginAccessControlConfigProperty{
			Name: jsii.String(*s.scope.StackName() + "-web"), OriginAccessControlOriginType: jsii.String("s3"),
			SigningBehavior: jsii.String("always"), SigningProtocol: jsii.String("sigv4"),
		},
	})
	pin(access, "WebAccess")
	page := awscloudfront.NewCfnFunction(s.scope, jsii.String("WebRoutes"), &awscloudfront.CfnFunctionProps{
		Name: jsii.String(*s.scope.StackName() + "-routes"), AutoPublish: jsii.Bool(true), FunctionCode: jsii.String(routeToPage),
		FunctionConfig: &awscloudfront.CfnFunction_FunctionConfigProperty{Comment: jsii.String("Paths of the app are its page"), Runtime: jsii.String("cloudfront-js-2.0")},
	})
	pin(page, "WebRoutes")
	distribution := awscloudfront.NewCfnDistribution(s.scope, jsii.String("Distribution"), &awscloudfront.CfnDistributionProps{
		DistributionConfig: &awscloudfront.CfnDistribution_DistributionConfigProperty{
			Enabled: jsii.Bool(true), Comment: jsii.String("Parley " + s.stage), DefaultRootObject: jsii.String("index.html"),
			HttpVersion: jsii.String("http2and3"), Ipv6Enabled: jsii.Bool(true), PriceClass: jsii.String("PriceClass_100"),
			Aliases: s.aliases(), ViewerCertificate: s.certificateOf(),
			Origins:              s.origins(access),
			DefaultCacheBehavior: s.webBehaviour(page),
			CacheBehaviors: []any{
				s.doorBehaviour("/api/*", "api", "GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
				s.doorBehaviour("/"+socketsStage, "sockets", "GET", "HEAD"),
			},
		},
	})
	pin(distribution, "Distribution")
	s.data.web.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudfront.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:GetObject"), Resources: &[]*string{s.data.web.ArnForObjects(jsii.String("*"))},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceArn": *s.global("cloudfront", "distribution/"+*distribution.Ref())}},
	}))
	s.origin = jsii.String("https://" + s.domain)
	if s.domain == "" {
		s.origin = jsii.String("https://" + *distribution.AttrDomainName())
	}
	output(s, "WebUrl", s.origin)
	output(s, "WebBucketName", s.data.web.BucketName())
	output(s, "DistributionId", distribution.Ref())
	output(s, "DistributionDomain", distribution.AttrDomainName()) // what the domain's DNS record points to
}

func (s *stack) aliases() *[]*string {
	if s.domain == "" {
		return nil
	}
	return jsii.Strings(s.domain)
}

// certificateOf is CloudFront's own for its own domain; the oldest TLS can be chosen only with one of ours.
func (s *stack) certificateOf() *awscloudfront.CfnDistribution_ViewerCertificateProperty {
	if s.domain == "" {
		return &awscloudfront.CfnDistribution_ViewerCertificateProperty{CloudFrontDefaultCertificate: jsii.Bool(true)}
	}
	return &awscloudfront.CfnDistribution_ViewerCertificateProperty{
		AcmCertificateArn: jsii.String(s.certificate), MinimumProtocolVersion: jsii.String("TLSv1.2_2021"), SslSupportMethod: jsii.String("sni-only"),
	}
}

func (s *stack) origins(access awscloudfront.CfnOriginAccessControl) []any {
	api := func(id string, api *string) *awscloudfront.CfnDistribution_OriginProperty {
		return &awscloudfront.CfnDistribution_OriginProperty{
			Id: jsii.String(id), DomainName: s.apiHost(api),
			CustomOriginConfig: &awscloudfront.CfnDistribution_CustomOriginConfigProperty{
				OriginProtocolPolicy: jsii.String("https-only"), OriginSslProtocols: jsii.Strings("TLSv1.2"),
			},
		}
	}
	return []any{
		&awscloudfront.CfnDistribution_OriginProperty{
			Id: jsii.String("web"), DomainName: s.data.web.BucketRegionalDomainName(), OriginAccessControlId: access.AttrId(),
			S3OriginConfig: &awscloudfront.CfnDistribution_S3OriginConfigProperty{OriginAccessIdentity: jsii.String("")},
		},
		api("api", s.api.ApiId()), api("sockets", s.sockets.ApiId()),
	}
}

// webBehaviour serves the built web. How long a file is kept its own Cache-Control says, which the upload sets.
func (s *stack) webBehaviour(page awscloudfront.CfnFunction) *awscloudfront.CfnDistribution_DefaultCacheBehaviorProperty {
	headers := newHeaders(s)
	return &awscloudfront.CfnDistribution_DefaultCacheBehaviorProperty{
		TargetOriginId: jsii.String("web"), ViewerProtocolPolicy: jsii.String("redirect-to-https"), Compress: jsii.Bool(true),
		CachePolicyId: jsii.String(cachingOptimized), ResponseHeadersPolicyId: headers.Ref(),
		FunctionAssociations: []any{&awscloudfront.CfnDistribution_FunctionAssociationProperty{
			EventType: jsii.String("viewer-request"), FunctionArn: page.AttrFunctionArn(),
		}},
	}
}

// doorBehaviour passes everything on but Host, by which API Gateway knows its APIs, and keeps nothing.
func (s *stack) doorBehaviour(path, origin string, methods ...string) *awscloudfront.CfnDistribution_CacheBehaviorProperty {
	return &awscloudfront.CfnDistribution_CacheBehaviorProperty{
		PathPattern: jsii.String(path), TargetOriginId: jsii.String(origin), ViewerProtocolPolicy: jsii.String("https-only"),
		AllowedMethods: jsii.Strings(methods...), Compress: jsii.Bool(true), CachePolicyId: jsii.String(cachingDisabled),
		OriginRequestPolicyId: jsii.String(allViewerButHost), ResponseHeadersPolicyId: jsii.String(plainSecurity),
	}
}

// newHeaders are those of the web's pages and files.
func newHeaders(s *stack) awscloudfront.CfnResponseHeadersPolicy {
	type header = awscloudfront.CfnResponseHeadersPolicy_CustomHeaderProperty
	policy := awscloudfront.NewCfnResponseHeadersPolicy(s.scope, jsii.String("WebHeaders"), &awscloudfront.CfnResponseHeadersPolicyProps{
		ResponseHeadersPolicyConfig: &awscloudfront.CfnResponseHeadersPolicy_ResponseHeadersPolicyConfigProperty{
			Name: jsii.String(*s.scope.StackName() + "-web"),
			SecurityHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty{
				ContentSecurityPolicy: &awscloudfront.CfnResponseHeadersPolicy_ContentSecurityPolicyProperty{
					ContentSecurityPolicy: jsii.String(s.contentPolicy()), Override: jsii.Bool(true),
				},
				ContentTypeOptions: &awscloudfront.CfnResponseHeadersPolicy_ContentTypeOptionsProperty{Override: jsii.Bool(true)},
				ReferrerPolicy: &awscloudfront.CfnResponseHeadersPolicy_ReferrerPolicyProperty{
					ReferrerPolicy: jsii.String("strict-origin-when-cross-origin"), Override: jsii.Bool(true),
				},
				StrictTransportSecurity: &awscloudfront.CfnResponseHeadersPolicy_StrictTransportSecurityProperty{
					AccessControlMaxAgeSec: jsii.Number(2 * 365 * 24 * 3600), IncludeSubdomains: jsii.Bool(true), Override: jsii.Bool(true),
				},
			},
			CustomHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_CustomHeadersConfigProperty{Items: []any{
				&header{Header: jsii.String("Cross-Origin-Opener-Policy"), Value: jsii.String("same-origin"), Override: jsii.Bool(true)},
				&header{Header: jsii.String("Permissions-Policy"), Value: jsii.String("camera=(), microphone=(), geolocation=(), payment=(), usb=()"), Override: jsii.Bool(true)},
			}},
		},
	})
	pin(policy, "WebHeaders")
	return policy
}

// contentPolicy is the web's Content-Security-Policy (reference/web.md §6). Files go straight to and from their bucket, and the sign-in's
// addresses come from its discovery document.
func (s *stack) contentPolicy() string {
	files := "https://" + *s.data.files.BucketRegionalDomainName()
	issuer := "https://cognito-idp." + *s.scope.Region() + "." + *s.scope.UrlSuffix()
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data: " + files,
		"connect-src 'self' " + files + " " + issuer, "font-src 'self'", "frame-src 'self'", "manifest-src 'self'", "frame-ancestors 'none'",
		"base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'", "trusted-types dompurify email worker",
	}, "; ")
}
