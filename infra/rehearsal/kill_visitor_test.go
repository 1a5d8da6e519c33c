package rehearsal_test

import (
	"fmt"
	"net/http"
	"testing"

	"parley/infra/rehearsal"
)

// TestFlowKillVisitorAPI: a visitor's message whose request dies at any moment is an error to the widget, which says it again under the same
// id: it stands in the conversation once.
func TestFlowKillVisitorAPI(t *testing.T) {
	t.Parallel()
	r := begin(t, rehearsal.Config{Seed: 12, Log: quiet()})
	one := client{r, t}.visitor()
	everyKill(t, &killer{r: r, role: "visitorapi"}, func(t *testing.T, n int, disarm func()) string {
		v := visitor{client{r, t}, one.account, one.token}
		id, text := fmt.Sprint("kv-", n), fmt.Sprintf("Question %d?", n)
		for try := 1; ; try++ {
			status := v.says(n, id, text)
			if status/100 == 2 {
				break
			}
			if status != http.StatusInternalServerError || try > 2 {
				t.Fatalf("try %d: %d", try, status)
			}
		}
		disarm()
		var got struct{ Lines []struct{ Text string } }
		if status := v.ask(http.MethodGet, fmt.Sprintf("messages?conversation=%d&after=0", n), nil, &got); status != http.StatusOK {
			t.Fatalf("messages: %d", status)
		}
		if len(got.Lines) != 1 || got.Lines[0].Text != text {
			t.Errorf("%+v", got.Lines)
		}
		return ""
	})
}
