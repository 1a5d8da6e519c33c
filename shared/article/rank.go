package article

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Hit is an article that answers a question, and how well: above Threshold, at most 1.
type Hit struct {
	Article Article `json:"article"`
	Score   float64 `json:"score"`
}

// Threshold is the score below which an article is no answer: silence is better than a wrong one.
const Threshold = 0.14

// Weights of the ranking: BM25 over two fields (Robertson, Zaragoza, Taylor: "Simple BM25 Extension to Multiple Weighted Fields").
const (
	saturation  = 1.2
	lengthPart  = 0.5 // how much a long text weighs against its words
	titleWeight = 3.0
	partWeight  = 0.6 // of a word that is only a part of another: Versand in Versandkosten
	partRunes   = 4
	strangeness = 0.5 // what a word that stands nowhere takes from the score
	queryTerms  = 50  // of a question are read
)

type doc struct {
	article Article
	weights map[string]float64 // by term: how often, in the title more
	length  float64
}

// Rank returns the articles that answer a query best, at most n, none below Threshold. Equals keep their order.
func Rank(articles []Article, query string, n int) []Hit {
	asked := terms(query)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	if asked = asked[:min(len(asked), queryTerms)]; len(asked) == 0 || len(articles) == 0 {
		return nil
	}
	docs := make([]doc, len(articles))
	average := 0.0
	for i, a := range articles {
		docs[i] = read(a)
		average += docs[i].length / float64(len(articles))
	}
	scores := make([]float64, len(docs))
	most := 0.0
	for _, term := range asked {
		found := make([]float64, len(docs))
		in := 0
		for i, d := range docs {
			if found[i] = d.weight(term); found[i] > 0 {
				in++
			}
		}
		if in == 0 {
			most += strangeness * rarity(len(docs), 0)
			continue
		}
		idf := rarity(len(docs), in)
		most += idf
		for i, tf := range found {
			norm := 1 - lengthPart + lengthPart*docs[i].length/average
			scores[i] += idf * tf / (tf + saturation*norm)
		}
	}
	var hits []Hit
	for i, score := range scores {
		if score /= most; score >= Threshold {
			hits = append(hits, Hit{docs[i].article, math.Round(score*1000) / 1000})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(n, len(hits))]
}

// rarity is how much a word says that stands in so many of all. It never falls to nothing: a team with two articles asks for both words.
func rarity(all, in int) float64 {
	return 0.5 + math.Log(1+(float64(all-in)+0.5)/(float64(in)+0.5))
}

func read(a Article) doc {
	d := doc{article: a, weights: map[string]float64{}}
	title, text := terms(a.Title), terms(a.Text)
	for _, t := range title {
		d.weights[t] += titleWeight
	}
	for _, t := range text {
		d.weights[t]++
	}
	d.length = float64(len(title) + len(text))
	return d
}

// weight is how strongly a term stands in the article: as itself, or else as a part of a longer word or the other way round.
func (d doc) weight(term string) float64 {
	if w, ok := d.weights[term]; ok {
		return w
	}
	best := 0.0
	for t, w := range d.weights {
		if part(term, t) || part(t, term) {
			best = max(best, partWeight*w)
		}
	}
	return best
}

// part reports whether a word begins or ends a longer one.
func part(short, long string) bool {
	return utf8.RuneCountInString(short) >= partRunes && len(short) < len(long) && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short))
}
