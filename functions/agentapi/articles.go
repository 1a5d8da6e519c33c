package agentapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parley/shared/article"
	"parley/shared/limit"
)

type articleBody struct {
	Title     string `json:"title" minLength:"1" maxLength:"150" doc:"The question, or what it is about."`
	Text      string `json:"text" minLength:"1" maxLength:"5000" doc:"Plain text; addresses become links where it is shown."`
	Language  string `json:"language,omitempty" enum:",de,en" doc:"Empty for any."`
	Published bool   `json:"published" doc:"Bots find published ones only."`
}

type (
	articlesOut struct {
		Body struct {
			Articles []article.Article `json:"articles" doc:"By title."`
		}
	}
	newArticleIn struct{ Body articleBody }
	putArticleIn struct {
		Article string `path:"article" maxLength:"64"`
		IfMatch string `header:"If-Match" required:"true" doc:"The ETag of the article, or its version, quoted: 412 once somebody else has changed it."`
		Body    articleBody
	}
	articleRef struct {
		Article string `path:"article" maxLength:"64"`
	}
	articleOut struct {
		ETag string `header:"ETag"`
		Body article.Article
	}
	tryArticlesIn struct {
		Body struct {
			Query string `json:"query" minLength:"1" maxLength:"2000" doc:"A question, as a visitor would ask it."`
		}
	}
	tryArticlesOut struct {
		Body struct {
			Hits []article.Hit `json:"hits" doc:"The published articles that answer best, at most three; none if none does."`
		}
	}
)

func (d *door) registerArticles() {
	const one = "/api/articles/{article}"
	huma.Register(d.api, op("GET", "/api/articles", "listArticles", "Answers that bots find"), d.articles)
	huma.Register(d.api, created(op("POST", "/api/articles", "createArticle", "Write an article")), d.newArticle)
	huma.Register(d.api, op("POST", "/api/articles/try", "tryArticles", "What bots would answer a question with"), d.tryArticles)
	huma.Register(d.api, op("PUT", one, "putArticle", "Change an article, publish it or take it back"), d.putArticle)
	huma.Register(d.api, op("DELETE", one, "deleteArticle", "Remove an article"), d.deleteArticle)
}

func (b articleBody) article(id string, version int64) article.Article {
	return article.Article{ID: id, Title: b.Title, Text: b.Text, Language: b.Language, Published: b.Published, Version: version}
}

func (d *door) articles(ctx context.Context, _ *struct{}) (*articlesOut, error) {
	list, err := d.store.Articles.All(ctx)
	out := &articlesOut{}
	out.Body.Articles = orEmpty(list)
	return out, err
}

func (d *door) newArticle(ctx context.Context, in *newArticleIn) (*articleOut, error) {
	v, err := d.store.Articles.Put(ctx, agent(caller(ctx)), in.Body.article("", 0))
	return &articleOut{etag(v.Version), v}, err
}

func (d *door) putArticle(ctx context.Context, in *putArticleIn) (*articleOut, error) {
	old, err := d.store.Articles.Get(ctx, in.Article)
	if err != nil {
		return nil, err
	}
	if !matches(in.IfMatch, old.Version) {
		return nil, settingChanged()
	}
	v, err := d.store.Articles.Put(ctx, agent(caller(ctx)), in.Body.article(in.Article, old.Version))
	return &articleOut{etag(v.Version), v}, err
}

func (d *door) deleteArticle(ctx context.Context, in *articleRef) (*struct{}, error) {
	return nil, d.store.Articles.Delete(ctx, agent(caller(ctx)), in.Article)
}

// tryArticles reads past the cache: who has just published one tries it.
func (d *door) tryArticles(ctx context.Context, in *tryArticlesIn) (*tryArticlesOut, error) {
	list, err := d.store.Articles.All(ctx)
	if err != nil {
		return nil, err
	}
	out := &tryArticlesOut{}
	out.Body.Hits = orEmpty(article.Rank(article.Published(list), in.Body.Query, limit.ArticleHits))
	return out, nil
}
