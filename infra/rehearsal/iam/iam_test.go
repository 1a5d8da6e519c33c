package iam_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/infra/rehearsal/iam"
)

const tmpl = `{"Resources":{
 "F":{"Type":"AWS::Lambda::Function","Metadata":{"parley:function":"f"},"Properties":{"Role":{"Fn::GetAtt":["R","Arn"]}}},
 "R":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{},"Policies":[{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":[%s]}}]}}}}`

func lookup(id, att string) string {
	return map[string]string{"T.Arn": "arn:aws:dynamodb:r:1:table/threads", "B.Arn": "arn:aws:s3:::files"}[id+"."+att]
}

func load(t *testing.T, statements string) *iam.Policies {
	t.Helper()
	p, err := iam.Load([]byte(strings.Replace(tmpl, "%s", statements, 1)), lookup)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(p *iam.Policies, action, resource string, context map[string]string) error {
	return iam.NewLedger(p).Check(iam.Request{Role: "f", Action: action, Resource: resource, Context: context})
}

func TestJudge(t *testing.T) {
	p := load(t, `
	 {"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":{"Fn::GetAtt":["T","Arn"]}},
	 {"Effect":"Allow","Action":"dynamodb:Query","Resource":{"Fn::Join":["",[{"Fn::GetAtt":["T","Arn"]},"/index/views"]]}},
	 {"Effect":"Allow","Action":"s3:GetObject","Resource":{"Fn::Join":["",[{"Fn::GetAtt":["B","Arn"]},"/in/*"]]}},
	 {"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::files/in/secret?"},
	 {"Effect":"Allow","Action":"ssm:PutParameter","Resource":"*","Condition":{"StringNotEquals":{"ssm:Overwrite":"true"}}},
	 {"Effect":"Allow","Action":"x:Bool","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringLike":{"x:Name":["a*","b?"]}}},
	 {"Effect":"Allow","Action":"x:Arn","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":{"Fn::GetAtt":["T","Arn"]}}}}`)
	const threads = "arn:aws:dynamodb:r:1:table/threads"
	for _, c := range []struct {
		action, resource string
		context          map[string]string
		allowed          bool
	}{
		{"dynamodb:GetItem", threads, nil, true},
		{"dynamodb:getitem", threads, nil, true},
		{"dynamodb:PutItem", threads, nil, false},
		{"dynamodb:GetItem", threads + "2", nil, false},
		{"dynamodb:GetItem", threads + "/index/views", nil, false},
		{"dynamodb:Query", threads + "/index/views", nil, true},
		{"dynamodb:Query", threads + "/index/owners", nil, false},
		{"s3:GetObject", "arn:aws:s3:::files/in/a/b", nil, true},
		{"s3:GetObject", "arn:aws:s3:::files/out/a", nil, false},
		{"s3:GetObject", "arn:aws:s3:::files/in/secret", nil, true},
		{"s3:GetObject", "arn:aws:s3:::files/in/secret1", nil, false},
		{"ssm:PutParameter", "any", map[string]string{"ssm:Overwrite": "false"}, true},
		{"ssm:PutParameter", "any", nil, true},
		{"ssm:PutParameter", "any", map[string]string{"SSM:overwrite": "true"}, false},
		{"x:Bool", "any", map[string]string{"aws:SecureTransport": "True", "x:Name": "abc"}, true},
		{"x:Bool", "any", map[string]string{"aws:SecureTransport": "true", "x:Name": "bcd"}, false},
		{"x:Bool", "any", map[string]string{"x:Name": "abc"}, false},
		{"x:Arn", "any", map[string]string{"aws:SourceArn": threads}, true},
		{"x:Arn", "any", map[string]string{"aws:SourceArn": "arn:aws:dynamodb:r:1:table/other"}, false},
	} {
		err := ask(p, c.action, c.resource, c.context)
		var denied *iam.Denied
		if (err == nil) != c.allowed || err != nil && !errors.As(err, &denied) {
			t.Errorf("%s %s %v: %v, want allowed %v", c.action, c.resource, c.context, err, c.allowed)
		}
	}
	if err := iam.NewLedger(p).Check(iam.Request{Role: "g", Action: "dynamodb:GetItem", Resource: threads}); err == nil {
		t.Error("another role is allowed")
	}
}

func TestUnknown(t *testing.T) {
	for what, s := range map[string]string{
		"operator":  `{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"x"}}}`,
		"element":   `{"Effect":"Allow","NotAction":"a:b","Resource":"*"}`,
		"effect":    `{"Effect":"Maybe","Action":"a:b","Resource":"*"}`,
		"intrinsic": `{"Effect":"Allow","Action":"a:b","Resource":{"Fn::Sub":"x"}}`,
		"reference": `{"Effect":"Allow","Action":"a:b","Resource":{"Ref":"Nothing"}}`,
		"no action": `{"Effect":"Allow","Resource":"*"}`,
	} {
		if _, err := iam.Load([]byte(strings.Replace(tmpl, "%s", s, 1)), lookup); err == nil {
			t.Errorf("an unknown %s is taken", what)
		}
	}
	managed := strings.Replace(tmpl, `"Policies"`, `"ManagedPolicyArns":["arn:aws:iam::aws:policy/AdministratorAccess"],"Policies"`, 1)
	if _, err := iam.Load([]byte(strings.Replace(managed, "%s", `{"Effect":"Allow","Action":"a:b","Resource":"*"}`, 1)), lookup); err == nil {
		t.Error("a managed policy is taken for nothing")
	}
}

func TestLedger(t *testing.T) {
	p := load(t, `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]}`)
	l := iam.NewLedger(p)
	for _, r := range []string{"arn:aws:s3:::a/in/1", "arn:aws:s3:::a/in/2", "arn:aws:s3:::c/in/2"} {
		_ = l.Check(iam.Request{Role: "f", Action: "s3:GetObject", Resource: r})
	}
	seen := l.Seen()
	if len(seen) != 2 || seen[0] != (iam.Seen{Role: "f", Action: "s3:GetObject", Resource: "s3:a/in/*", Calls: 2}) || len(l.Refused()) != 1 || l.Refused()[0].Resource != "arn:aws:s3:::c/in/2" {
		t.Errorf("seen %+v, refused %+v", seen, l.Refused())
	}
	unused := l.Unused()
	if len(p.Grants()) != 4 || len(unused) != 3 || slices.Contains(unused, iam.Grant{Role: "f", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}) {
		t.Errorf("unused %+v of %d", unused, len(p.Grants()))
	}
	var b strings.Builder
	if err := l.Print(&b, func(g iam.Grant) string { return "" }); err != nil || !strings.Contains(b.String(), "calls seen 3, refused 1, grants 4, unused 3") ||
		strings.Count(b.String(), "NOT EXPLAINED") != 3 || !strings.Contains(b.String(), "REFUSED 1") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestWithout: removing any one grant of the real template refuses exactly that.
func TestWithout(t *testing.T) {
	raw, err := os.ReadFile("../../template.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := iam.Load(raw, func(id, att string) string { return id + "." + att })
	if err != nil {
		t.Fatal(err)
	}
	grants := p.Grants()
	if len(grants) < 50 {
		t.Fatalf("the template has only %d grants", len(grants))
	}
	for _, g := range grants {
		left := p.Without(g).Grants()
		if len(left) != len(grants)-1 || slices.Contains(left, g) {
			t.Errorf("without %v: %d of %d are left", g, len(left), len(grants))
		}
	}
}

// TestTake: a grant that is taken away is missed by name, on the page and on the whole, until it is given back.
func TestTake(t *testing.T) {
	l := iam.NewLedger(load(t, `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]}`))
	get := func(resource string) error {
		return l.Check(iam.Request{Role: "f", Action: "s3:GetObject", Resource: resource})
	}
	a := iam.Grant{Role: "f", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}
	if err := get("arn:aws:s3:::a/1"); err != nil {
		t.Fatal(err)
	}
	if page := l.Turn(); !page.Needed(a) || len(page.Refused()) != 0 {
		t.Errorf("%+v", page)
	}
	back := l.Take(a)
	err := get("arn:aws:s3:::a/1")
	for _, name := range []string{"assumed-role/f/", "s3:GetObject", "arn:aws:s3:::a/1"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	if err := get("arn:aws:s3:::b/1"); err != nil {
		t.Errorf("the grant beside it is gone too: %v", err)
	}
	if get("arn:aws:s3:::c/1") == nil {
		t.Error("what nobody allowed is allowed")
	}
	if !l.Lost(a) {
		t.Error("nothing is lost")
	}
	page := l.Turn()
	if lost := page.Lost(a); len(lost) != 1 || lost[0].Resource != "arn:aws:s3:::a/1" || len(page.Refused()) != 2 || page.Needed(a) || l.Lost(a) {
		t.Errorf("lost %+v of %+v", lost, page.Refused())
	}
	back()
	if err := get("arn:aws:s3:::a/1"); err != nil || len(l.Refused()) != 2 || len(l.Unused()) != 2 {
		t.Errorf("%v, refused %+v, unused %+v", err, l.Refused(), l.Unused())
	}
}
