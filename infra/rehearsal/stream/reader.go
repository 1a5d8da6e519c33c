package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// DynamoDB reads a stream of DynamoDB Local.
type DynamoDB struct {
	URL           string
	Authorization string
	Arn           string // as DynamoDB Local calls it
	As            string // as records call it
	Client        *http.Client

	iterators map[string]string // shard → where to go on; "" is read to its end
}

const (
	readMost    = 1000
	trimHorizon = "TRIM_HORIZON"
)

// Read implements Reader.
func (d *DynamoDB) Read(ctx context.Context) ([]Record, error) {
	if err := d.shards(ctx); err != nil {
		return nil, err
	}
	var out []Record
	for shard, at := range d.iterators {
		if at == "" {
			continue
		}
		var page struct {
			NextShardIterator string
			Records           []json.RawMessage
		}
		if err := d.call(ctx, "GetRecords", map[string]any{"ShardIterator": at, "Limit": readMost}, &page); err != nil {
			return out, err
		}
		d.iterators[shard] = page.NextShardIterator
		for _, raw := range page.Records {
			r, err := parse(raw, d.As)
			if err != nil {
				return out, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// shards finds shards that are new.
func (d *DynamoDB) shards(ctx context.Context) error {
	for _, at := range d.iterators {
		if at != "" {
			return nil // one is open: a new one begins where it ends
		}
	}
	var about struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	if err := d.call(ctx, "DescribeStream", map[string]any{"StreamArn": d.Arn}, &about); err != nil {
		return err
	}
	if d.iterators == nil {
		d.iterators = map[string]string{}
	}
	for _, s := range about.StreamDescription.Shards {
		if _, known := d.iterators[s.ShardId]; known {
			continue
		}
		var begin struct{ ShardIterator string }
		if err := d.call(ctx, "GetShardIterator", map[string]any{"StreamArn": d.Arn, "ShardId": s.ShardId, "ShardIteratorType": trimHorizon}, &begin); err != nil {
			return err
		}
		d.iterators[s.ShardId] = begin.ShardIterator
	}
	return nil
}

func (d *DynamoDB) call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", d.Authorization)
	resp, err := d.Client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %.300s", operation, resp.Status, answer)
	}
	return json.Unmarshal(answer, out)
}

// parse makes a record as Lambda hands it on: the stream's own, with the ARN, and the time in whole seconds.
func parse(raw json.RawMessage, arn string) (Record, error) {
	r := Record{Map: map[string]any{}}
	if err := json.Unmarshal(raw, &r.Map); err != nil {
		return r, err
	}
	r.Map["eventSourceARN"] = arn
	body, _ := r.Map["dynamodb"].(map[string]any)
	keys, _ := body["Keys"].(map[string]any)
	at, _ := body["ApproximateCreationDateTime"].(float64)
	r.Sequence, _ = body["SequenceNumber"].(string)
	if r.Sequence == "" || keys["pk"] == nil {
		return r, fmt.Errorf("a stream record without keys or sequence number: %.200s", raw)
	}
	r.At = time.UnixMilli(int64(at * 1000))
	body["ApproximateCreationDateTime"] = int64(at)
	item, err := json.Marshal(keys)
	if err != nil {
		return r, err
	}
	part, err := json.Marshal(keys["pk"])
	if err != nil {
		return r, err
	}
	r.Item, r.Part = string(item), string(part)
	r.Raw, err = json.Marshal(r.Map)
	return r, err
}
