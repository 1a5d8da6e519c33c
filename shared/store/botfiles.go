package store

import (
	"context"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// KeepFile remembers a file that bots of a chat account may give to visitors; its bytes stand at BotFileKey already. Nothing takes it away again:
// versions never change and conversations remember, so one that was published once may be named for ever. What a draft gave up stays too: it
// costs less than finding out that no version names it.
func (s *Bots) KeepFile(ctx context.Context, account string, f events.BotFile) error {
	op, err := put(s.n.Settings, table.Absent(), botKeys.File(account, f.ID), f)
	if err != nil {
		return err
	}
	return s.t.Transact(ctx, op)
}

// File is a file of a chat account's bots by its id; fault.NotFound if there is none.
func (s *Bots) File(ctx context.Context, account, id string) (events.BotFile, error) {
	var f events.BotFile
	it, err := s.one(ctx, s.n.Settings, botKeys.File(account, id))
	if err != nil {
		return f, err
	}
	if it == nil {
		return f, fault.New(fault.NotFound, "There is no such file.")
	}
	return f, decode(it, &f)
}

// Files are all files of a chat account's bots, by id: at most limit.BotFiles, give or take those that came at once.
func (s *Bots) Files(ctx context.Context, account string) (map[string]events.BotFile, error) {
	out := make(map[string]events.BotFile)
	q := table.Query{Table: s.n.Settings, PK: botKeys.File(account, "").PK, Consistent: true}
	return out, s.each(ctx, q, func(it table.Item) error {
		var f events.BotFile
		err := decode(&it, &f)
		out[f.ID] = f
		return err
	})
}

// RoomForFile is fault.Invalid for a chat account whose bots have as many files as it may have.
func (s *Bots) RoomForFile(ctx context.Context, account string) error {
	files, err := s.Files(ctx, account)
	if err == nil && len(files) >= limit.BotFiles {
		err = fault.New(fault.Invalid, "The bots of this chat have %d files, and more than that are not kept. Link to it instead.", limit.BotFiles)
	}
	return err
}
