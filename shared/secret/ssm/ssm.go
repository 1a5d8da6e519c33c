// Package ssm is the secret port on SSM parameters of type SecureString.
//
// Owns: find, and create once. Never: what a secret is for. Imported by: functions/x/lambda, tests.
//
// The role needs ssm:GetParameter on the parameters it finds, and ssm:PutParameter on those it creates; the default key of the account (alias/aws/ssm) encrypts.
package ssm

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"parley/shared/fault"
	"parley/shared/secret"
)

const keyBytes = 32

// Open returns what makes a Store of a prefix ("/parley/prod"), with the function's own region and role. A key that was read is kept
// for the life of the process: it never changes.
func Open(ctx context.Context) (func(prefix string) secret.Store, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := ssm.NewFromConfig(cfg)
	return func(prefix string) secret.Store {
		return &store{client: client, prefix: strings.TrimSuffix(prefix, "/"), known: map[string][]byte{}}
	}, nil
}

type store struct {
	client *ssm.Client
	prefix string
	mu     sync.Mutex
	known  map[string][]byte
}

// Find implements secret.Store.
func (s *store) Find(ctx context.Context, name string) ([]byte, error) {
	return s.keep(ctx, name, s.read)
}

// Key implements secret.Store.
func (s *store) Key(ctx context.Context, name string) ([]byte, error) {
	return s.keep(ctx, name, s.fetch)
}

// keep asks once for each name.
func (s *store) keep(ctx context.Context, name string, ask func(ctx context.Context, parameter string) ([]byte, error)) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.known[name]
	if key == nil {
		var err error
		if key, err = ask(ctx, s.prefix+"/"+name); err != nil {
			return nil, err
		}
		s.known[name] = key
	}
	return append([]byte(nil), key...), nil
}

// fetch reads a parameter, or creates it; whoever loses a race of creating reads what the winner wrote.
func (s *store) fetch(ctx context.Context, name string) ([]byte, error) {
	key, err := s.read(ctx, name)
	if !fault.Is(err, fault.NotFound) {
		return key, err
	}
	key = make([]byte, keyBytes)
	rand.Read(key)
	_, err = s.client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &name, Type: types.ParameterTypeSecureString, Value: aws.String(base64.StdEncoding.EncodeToString(key)), Overwrite: aws.Bool(false),
	})
	var taken *types.ParameterAlreadyExists
	if errors.As(err, &taken) {
		return s.read(ctx, name)
	}
	return key, coded(err)
}

func (s *store) read(ctx context.Context, name string) ([]byte, error) {
	resp, err := s.client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, coded(err)
	}
	key, err := base64.StdEncoding.DecodeString(aws.ToString(resp.Parameter.Value))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("secret: the parameter %s does not hold %d bytes in base64", name, keyBytes)
	}
	return key, nil
}

// coded gives the errors of load their code, and that there is no such parameter.
func coded(err error) error {
	var missing *types.ParameterNotFound
	if errors.As(err, &missing) {
		return fault.Wrap(err, fault.NotFound, "there is no such secret")
	}
	var throttled *types.ThrottlingException
	var updates *types.TooManyUpdates
	if errors.As(err, &throttled) || errors.As(err, &updates) {
		return fault.Wrap(err, fault.Busy, "the secret store is overloaded, try again")
	}
	return err
}
