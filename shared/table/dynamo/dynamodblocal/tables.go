package dynamodblocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"parley/shared/table"
)

// Options leads a client to the database of that name (letters and digits): the server keeps one for each access key.
func (s *Server) Options(name string) dynamodb.Options {
	return dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(s.URL), Credentials: credentials.NewStaticCredentialsProvider(name, "secret", ""),
	}
}

// Create makes tables as infra does: string keys, on demand, indexes that project keys only. They have no TTL and no stream.
func Create(ctx context.Context, c *dynamodb.Client, schemas []table.Schema) error {
	attr := func(n string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(n), AttributeType: types.ScalarAttributeTypeS}
	}
	keys := func(pk, sk string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash}, {AttributeName: aws.String(sk), KeyType: types.KeyTypeRange}}
	}
	for _, sc := range schemas {
		in := &dynamodb.CreateTableInput{
			TableName: aws.String(sc.Name), BillingMode: types.BillingModePayPerRequest,
			KeySchema: keys("pk", "sk"), AttributeDefinitions: []types.AttributeDefinition{attr("pk"), attr("sk")},
		}
		for _, x := range sc.Indexes {
			in.AttributeDefinitions = append(in.AttributeDefinitions, attr(x+"_pk"), attr(x+"_sk"))
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
				IndexName: aws.String(x), KeySchema: keys(x+"_pk", x+"_sk"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			})
		}
		if _, err := c.CreateTable(ctx, in); err != nil {
			return err
		}
	}
	return nil
}
