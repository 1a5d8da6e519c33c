package host

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"parley/shared/blob"
	"parley/shared/dns"
	"parley/shared/fetch"
	"parley/shared/identity"
	"parley/shared/mailer"
	"parley/shared/push"
	"parley/shared/queue"
	"parley/shared/receipt"
	"parley/shared/secret"
	"parley/shared/sender"
	"parley/shared/table"
)

// Option opens one port for Main.
type Option func(ctx context.Context, c *Cloud) error

func option[P any](open func(context.Context) (P, error), set func(*Cloud, P)) Option {
	return func(ctx context.Context, c *Cloud) error {
		p, err := open(ctx)
		if err == nil {
			set(c, p)
		}
		return err
	}
}

// Table gives the function the item store.
func Table(open func(context.Context) (table.Port, error)) Option {
	return option(open, func(c *Cloud, p table.Port) { c.Table = p })
}

// Blob gives the function its buckets.
func Blob(open func(context.Context) (func(string) blob.Bucket, error)) Option {
	return option(open, func(c *Cloud, p func(string) blob.Bucket) { c.Blob = p })
}

// Mailer lets the function send mail.
func Mailer(open func(context.Context) (func(string) mailer.Mailer, error)) Option {
	return option(open, func(c *Cloud, p func(string) mailer.Mailer) { c.Mailer = p })
}

// Push lets the function post to sockets.
func Push(open func(context.Context) (func(string) push.Poster, error)) Option {
	return option(open, func(c *Cloud, p func(string) push.Poster) { c.Push = p })
}

// Enqueue lets the function put messages on queues.
func Enqueue(open func(context.Context) (func(string) queue.Sender, error)) Option {
	return option(open, func(c *Cloud, p func(string) queue.Sender) { c.Queue = p })
}

// Identity lets the function exchange and verify tokens.
func Identity(open func(context.Context) (func(issuer, client string) identity.Issuer, error)) Option {
	return option(open, func(c *Cloud, p func(string, string) identity.Issuer) { c.Identity = p })
}

// Directory lets the function invite and disable people.
func Directory(open func(context.Context) (func(pool string) identity.Directory, error)) Option {
	return option(open, func(c *Cloud, p func(string) identity.Directory) { c.Directory = p })
}

// Secret gives the function its signing keys.
func Secret(open func(context.Context) (func(string) secret.Store, error)) Option {
	return option(open, func(c *Cloud, p func(string) secret.Store) { c.Secret = p })
}

// Receipt lets the function change the rules by which mail is taken.
func Receipt(open func(context.Context) (receipt.Rules, error)) Option {
	return option(open, func(c *Cloud, p receipt.Rules) { c.Receipt = p })
}

// Sender lets the function see and prove what it may send as.
func Sender(open func(context.Context) (func(stage string) sender.Senders, error)) Option {
	return option(open, func(c *Cloud, p func(string) sender.Senders) { c.Sender = p })
}

// DNS lets the function look names up.
func DNS(open func(context.Context) (func(server string) dns.Resolver, error)) Option {
	return option(open, func(c *Cloud, p func(string) dns.Resolver) { c.DNS = p })
}

// Fetch lets the function ask servers of strangers.
func Fetch(open func(context.Context) (fetch.Getter, error)) Option {
	return option(open, func(c *Cloud, p fetch.Getter) { c.Fetch = p })
}

// Main runs a function under the Lambda runtime. It returns only if the function cannot be put together.
func Main(n New, ports ...Option) {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	c := NewCloud(os.LookupEnv, log)
	for _, open := range ports {
		if err := open(context.Background(), c); err != nil {
			log.Error("port", "error", err)
			os.Exit(1)
		}
	}
	h, err := c.Build(n)
	if err != nil {
		log.Error("function", "error", err)
		os.Exit(1)
	}
	lambda.Start(h)
}
