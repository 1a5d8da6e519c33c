package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// DynamoDB reads a stream of DynamoDB Local.
type DynamoDB struct {
	URL           string
	Authorization string
	Arn           string // as DynamoDB Local calls it
	As            string // as records call it
	Client        *http.Client

	open map[string]*position // by shard
}

// position is how far a shard has been read.
type position struct {
	iterator string
	last     string // sequence number; "" before the first record
	ended    bool
}

// readMost is the API's own limit of one read.
const readMost = 1000

// Read implements Reader.
func (d *DynamoDB) Read(ctx context.Context) ([]Record, error) {
	if err := d.shards(ctx); err != nil {
		return nil, err
	}
	var out []Record
	for shard, at := range d.open {
		if at.ended {
			continue
		}
		records, err := d.shard(ctx, shard, at)
		out = append(out, records...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// shard reads on in one shard. An iterator may have expired, and DynamoDB Local refuses one that was made before the shard's first record:
// then a new one goes on behind the last record read.
func (d *DynamoDB) shard(ctx context.Context, id string, at *position) ([]Record, error) {
	if at.iterator == "" {
		begin := map[string]any{"StreamArn": d.Arn, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}
		if at.last != "" {
			begin["ShardIteratorType"], begin["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", at.last
		}
		var got struct{ ShardIterator string }
		if err := d.call(ctx, "GetShardIterator", begin, &got); err != nil {
			return nil, err
		}
		at.iterator = got.ShardIterator
	}
	var page struct {
		NextShardIterator string
		Records           []json.RawMessage
	}
	err := d.call(ctx, "GetRecords", map[string]any{"ShardIterator": at.iterator, "Limit": readMost}, &page)
	if err != nil {
		at.iterator = ""
		if strings.Contains(err.Error(), "TrimmedDataAccess") || strings.Contains(err.Error(), "ExpiredIterator") {
			return nil, nil // the next read tries the new one
		}
		return nil, err
	}
	at.iterator, at.ended = page.NextShardIterator, page.NextShardIterator == ""
	out := make([]Record, len(page.Records))
	for i, raw := range page.Records {
		if out[i], err = parse(raw, d.As); err != nil {
			return nil, err
		}
		at.last = out[i].Sequence
	}
	return out, nil
}

// shards finds shards that are new.
func (d *DynamoDB) shards(ctx context.Context) error {
	for _, at := range d.open {
		if !at.ended {
			return nil // a new one begins where this ends
		}
	}
	var about struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	if err := d.call(ctx, "DescribeStream", map[string]any{"StreamArn": d.Arn}, &about); err != nil {
		return err
	}
	if d.open == nil {
		d.open = map[string]*position{}
	}
	for _, s := range about.StreamDescription.Shards {
		if d.open[s.ShardId] == nil {
			d.open[s.ShardId] = &position{}
		}
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
