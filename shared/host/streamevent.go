package host

import "parley/shared/table"

// streamDepth bounds a batch of records: an image nests twice as deep as its document.
const streamDepth = 2*table.DocDepth + 16

// decode reads a batch by hand, as HTTPEvent's does, and copies no image.
func (e *StreamEvent) decode(raw []byte) error {
	return table.WalkTo(raw, streamDepth, func(name, v []byte) error {
		if string(name) != `"Records"` || string(v) == "null" {
			return nil
		}
		return list(v, streamDepth, func(v []byte) error {
			e.Records = append(e.Records, Record{})
			return e.Records[len(e.Records)-1].decode(v)
		})
	})
}

func (r *Record) decode(raw []byte) error {
	return object(raw, streamDepth, func(name, v []byte) (err error) {
		switch string(name) {
		case `"eventID"`:
			r.EventID, err = text(v)
		case `"eventName"`:
			r.EventName, err = text(v)
		case `"dynamodb"`:
			err = object(v, streamDepth, func(name, v []byte) (err error) {
				switch string(name) {
				case `"SequenceNumber"`:
					r.Change.Sequence, err = text(v)
				case `"Keys"`:
					r.Change.Keys = v
				case `"NewImage"`:
					r.Change.New = v
				case `"OldImage"`:
					r.Change.Old = v
				}
				return err
			})
		}
		return err
	})
}
