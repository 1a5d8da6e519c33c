package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/shared/article"
	"parley/shared/chatflow"
	"parley/shared/fetch"
	"parley/shared/script"
	"parley/shared/store"
)

// Outside is what bots reach outside of Parley: servers of the team's.
type Outside struct {
	Web fetch.Getter
	// Key signs what they are told (secret.WebhookKey); it is read when it is first needed.
	Key func(ctx context.Context) ([]byte, error)
	Now func() time.Time
}

const (
	webhookTimeout = 5 * time.Second
	webhookAnswer  = 64 << 10 // bytes
)

// Webhook asks a server and returns variables. Whatever the server says or does not say within its time is a coded fault.
func (o Outside) Webhook(ctx context.Context, thread, flow string, e chatflow.Effect) (map[string]string, error) {
	key, err := o.Key(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(e.Call(thread, flow))
	if err != nil {
		return nil, err
	}
	timeout := webhookTimeout
	if e.Webhook.Timeout > 0 {
		timeout = time.Duration(e.Webhook.Timeout) * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := o.Web.Get(ctx, fetch.Request{
		URL: e.Webhook.URL, Accept: "application/json", Most: webhookAnswer, Post: body,
		Header: map[string]string{"Parley-Signature": chatflow.Sign(key, o.Now(), body)},
	})
	if err != nil {
		return nil, err
	}
	return e.Webhook.Read(answer.Status, answer.Body)
}

// shownRunes is how much of an article a visitor is shown in the chat.
const shownRunes = 900

// LookUp finds the team's published articles that answer a question best, at most three; none is no fault.
func LookUp(ctx context.Context, s *store.Store, question string) ([]chatflow.Bubble, error) {
	all, err := s.Articles.Published(ctx)
	if err != nil {
		return nil, err
	}
	var out []chatflow.Bubble
	for _, hit := range article.Rank(all, question, 3) {
		text := []rune(strings.TrimSpace(hit.Article.Text))
		if len(text) > shownRunes {
			text = append(text[:shownRunes], '…')
		}
		out = append(out, chatflow.Bubble{Text: hit.Article.Title + "\n\n" + string(text)})
	}
	return out, nil
}

// Code runs the team's code for a visitor and writes into r what it called back with.
func Code(ctx context.Context, visitor string, e chatflow.Effect, r *chatflow.Result) error {
	reply, err := script.Run(ctx, e.Source, script.Event{
		UserMessage: script.UserMessage{Message: e.Text},
		Session:     script.Session{VID: visitor, Properties: e.Contact, CustomState: e.Vars},
	})
	if err != nil {
		return err
	}
	if reply.BotMessage != "" {
		r.Say = []chatflow.Bubble{{Text: reply.BotMessage}}
	}
	for i, q := range reply.QuickReplies {
		id := q.Value
		if id == "" {
			id = strconv.Itoa(i)
		}
		r.Quick = append(r.Quick, chatflow.Choice{ID: id, Label: q.Label})
	}
	r.Vars = map[string]string{}
	for name, v := range reply.CustomState {
		r.Vars[name] = text(v)
	}
	r.Next, r.Wait = reply.NextModuleNickname, reply.ResponseExpected
	return nil
}

// text is a JSON value as a variable keeps it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
