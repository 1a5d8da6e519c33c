package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// Attribute names that shared/table/dynamo writes; an index's own keys are <index>_pk and <index>_sk.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	expiry       = "ttl" // unix seconds
)

// Uploads wait for their message under this prefix of the files bucket (store.UploadKey) for these days (limit.UploadKeep).
const (
	uploadPrefix = "u/"
	uploadDays   = 7
)

// tableSpec is one table of DESIGN §4. Keys and indexes are strings; indexes project keys only.
type tableSpec struct {
	name    string
	indexes []string
	expires bool
	streams bool
}

var tables = []tableSpec{
	{name: "threads", indexes: []string{"views", "owners", "accounts", "teams", "contact", "due"}, expires: true, streams: true},
	{name: "outbox", indexes: []string{"due"}, streams: true},
	{name: "assignments", indexes: []string{"due"}, streams: true},
	{name: "contacts", indexes: []string{"list"}},
	{name: "settings"},
	{name: "sockets", expires: true},
}

type data struct {
	tables                     map[string]awsdynamodb.TableV2
	mail, files, failures, web awss3.Bucket
}

func newData(s *stack) data {
	d := data{tables: map[string]awsdynamodb.TableV2{}}
	for _, spec := range tables {
		d.tables[spec.name] = newTable(s, spec)
	}
	d.mail = newBucket(s, "mail", nil, nil)
	d.files = newBucket(s, "files", nil, &awss3.CorsRule{
		// The browser sends and fetches files straight at S3, with signatures that agentapi hands out. They are what protects the files, not
		// the origin: naming ours here would close a circle (bucket, distribution, its headers that name the bucket).
		AllowedMethods: &[]awss3.HttpMethods{awss3.HttpMethods_GET, awss3.HttpMethods_HEAD, awss3.HttpMethods_PUT},
		AllowedOrigins: jsii.Strings("*"),
		AllowedHeaders: jsii.Strings("content-type", "x-amz-*"),
		MaxAge:         jsii.Number(3600),
	})
	// What was uploaded for a message is copied when that is sent; what was not goes away.
	d.files.AddLifecycleRule(&awss3.LifecycleRule{Prefix: jsii.String(uploadPrefix), Expiration: awscdk.Duration_Days(jsii.Number(uploadDays))})
	// Stream records that were given up hold whole items. They have a bucket of their own because Lambda chooses the key (aws/lambda/…) and needs
	// s3:ListBucket: as a prefix of files, every stream reader could list and write the customer's files.
	d.failures = newBucket(s, "failures", awscdk.Duration_Days(jsii.Number(30)), nil)
	d.web = newBucket(s, "web", nil, nil)
	return d
}

func newTable(s *stack, spec tableSpec) awsdynamodb.TableV2 {
	text := func(name string) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
	}
	props := &awsdynamodb.TablePropsV2{
		PartitionKey:                     text(partitionKey),
		SortKey:                          text(sortKey),
		Billing:                          awsdynamodb.Billing_OnDemand(nil),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		DeletionProtection:               jsii.Bool(s.prod()),
		RemovalPolicy:                    s.kept(),
	}
	if spec.expires {
		props.TimeToLiveAttribute = jsii.String(expiry)
	}
	if spec.streams {
		props.DynamoStream = awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES
	}
	indexes := []*awsdynamodb.GlobalSecondaryIndexPropsV2{}
	for _, index := range spec.indexes {
		indexes = append(indexes, &awsdynamodb.GlobalSecondaryIndexPropsV2{
			IndexName: jsii.String(index), PartitionKey: text(index + "_pk"), SortKey: text(index + "_sk"),
			ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
		})
	}
	if len(indexes) > 0 {
		props.GlobalSecondaryIndexes = &indexes
	}
	table := awsdynamodb.NewTableV2(s.scope, jsii.String(title(spec.name)+"Table"), props)
	name(pin(table, title(spec.name)+"Table"), "table", spec.name)
	return table
}

// newBucket makes a bucket that only this account may read, over TLS. expires and cors may be nil.
func newBucket(s *stack, short string, expires awscdk.Duration, cors *awss3.CorsRule) awss3.Bucket {
	props := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(false),
		RemovalPolicy:     s.kept(),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
			Expiration:                          expires,
		}},
	}
	if cors != nil {
		props.Cors = &[]*awss3.CorsRule{cors}
	}
	bucket := awss3.NewBucket(s.scope, jsii.String(title(short)+"Bucket"), props)
	name(pin(bucket, title(short)+"Bucket"), "bucket", short)
	pin(bucket.Policy(), title(short)+"BucketPolicy")
	return bucket
}
