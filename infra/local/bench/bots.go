package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	botVisitors = 100
	botRounds   = 10 // answers of each; one visitor may say thirty a minute
)

// echoes is a bot that says what it heard and asks again, for ever.
const echoes = `{"start":"a","steps":[{"id":"a","kind":"question","question":{"text":"And?","ask":"text","into":"a"},"next":"b"},
	{"id":"b","kind":"question","question":{"text":"You said {{answer.a}}.","ask":"text","into":"a"},"next":"c"},
	{"id":"c","kind":"question","question":{"text":"You said {{answer.a}}.","ask":"text","into":"a","choices":[{"id":"e","label":"Enough","next":"d"}]},"next":"b"},
	{"id":"d","kind":"handoff","handoff":{"to":"routing","text":"Bye."}}]}`

// bots measures conversations with a bot: a hundred visitors on sockets, each of whom answers as soon as the bot has asked. bot.turn is from a
// visitor's answer to the frame with the bot's next question.
func bots(p *program) {
	c := dial(p)
	var made struct{ Account struct{ ID string } }
	check(json.Unmarshal(c.do("POST", "/chats", "", fmt.Appendf(nil, `{"inbox":%q,"name":"Kiln","origin":%q}`, inboxID(c), site)), &made))
	account := made.Account.ID
	var flow struct{ ID string }
	check(json.Unmarshal(c.do("POST", "/chats/"+account+"/flows", "", fmt.Appendf(nil,
		`{"id":"","account":%q,"name":"Helper","on":true,"bot":true,"version":0,"targeting":{},"welcome":"","askEmail":"never","away":{"mode":"message"},"available":"always"}`, account)), &flow))
	bot := "/chats/" + account + "/flows/" + flow.ID + "/bot"
	c.do("PUT", bot+"/draft", "", fmt.Appendf(nil, `{"graph":%s,"revision":0}`, echoes))
	c.do("POST", bot+"/publish", "", []byte(`{"revision":1}`))
	time.Sleep(11 * time.Second) // until every process follows the settings
	people := make([]*visitor, botVisitors)
	each(people, 16, func(i int) {
		people[i] = &visitor{name: fmt.Sprintf("visitor %d", i)}
		people[i].enter(p, account)
	})
	cost := measure(p)
	begin := time.Now()
	took := make([][]time.Duration, botVisitors)
	var talking sync.WaitGroup
	for i, v := range people {
		talking.Go(func() {
			heard := make(chan string, 100)
			go v.read(func(text string, _ time.Time) { heard <- text })
			for m := range botRounds {
				text := fmt.Sprintf("%s answers %d", v.name, m)
				at := time.Now()
				check(v.ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"action":"say","client":"c%d","text":%q,"flow":%q}`, m, text, flow.ID)))
				for said := range heard {
					if said == "You said "+text+"." {
						break
					}
				}
				took[i] = append(took[i], time.Since(at))
			}
			_ = v.ws.CloseNow()
		})
	}
	talking.Wait()
	var all []time.Duration
	for _, t := range took {
		all = append(all, t...)
	}
	say("bot.rate", float64(len(all))/time.Since(begin).Seconds(), "turns/s")
	cost.say("bot", len(all))
	quantiles("bot.turn", all)
}
