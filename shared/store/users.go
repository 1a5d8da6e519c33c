package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"parley/events"
	"parley/shared/fault"
	"parley/shared/inbox"
	"parley/shared/limit"
	"parley/shared/table"
)

// Holds is what may weigh on the user, in conversations.
func (u User) Holds() float64 {
	if u.Capacity > 0 {
		return u.Capacity
	}
	return limit.Capacity
}

// Users returns everybody who has signed in or was invited, disabled ones too, by name.
func (s *Settings) Users(ctx context.Context) ([]User, error) {
	s.mu.Lock()
	cached := s.users
	s.mu.Unlock()
	if cached != nil && s.now().Sub(cached.at) < settingsLife {
		return slices.Clone(cached.list), nil
	}
	fresh := &userList{at: s.now()}
	err := s.all(ctx, settingsKeys.Users, func(it *table.Item) error {
		var u User
		err := decode(it, &u)
		fresh.list = append(fresh.list, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(fresh.list, func(a, b User) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	s.mu.Lock()
	s.users = fresh
	s.mu.Unlock()
	return slices.Clone(fresh.list), nil
}

// User returns one user; fault.NotFound if nobody of that id has signed in or was invited. Who is not in this process's copy of the list may
// have come a moment ago, so they are looked up.
func (s *Settings) User(ctx context.Context, id string) (User, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return User{}, err
	}
	if i := slices.IndexFunc(users, func(u User) bool { return u.ID == id }); i >= 0 {
		return users[i], nil
	}
	it, err := s.one(ctx, s.n.Settings, settingsKeys.User(id))
	if err != nil {
		return User{}, err
	}
	if it == nil {
		return User{}, fault.New(fault.NotFound, "There is no such user.")
	}
	var u User
	err = decode(it, &u)
	return u, err
}

// Who is User by whole lists alone: who is not in this process's copy is looked for in a new one.
func (s *Settings) Who(ctx context.Context, id string) (User, error) {
	for range 2 {
		users, err := s.Users(ctx)
		if err != nil {
			return User{}, err
		}
		if i := slices.IndexFunc(users, func(u User) bool { return u.ID == id }); i >= 0 {
			return users[i], nil
		}
		s.mu.Lock()
		s.users = nil
		s.mu.Unlock()
	}
	return User{}, gone("There is no such user.")
}

// SignedIn notes a sign-in: it creates the user the first time and keeps name and email up to date. admin comes from the issuer's
// group and decides the role at creation only; afterwards the role is the workspace's own.
func (s *Settings) SignedIn(ctx context.Context, id, name, email string, admin bool) (User, error) {
	var u User
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.User(id))
		if err != nil {
			return err
		}
		u = User{ID: id, Role: inbox.Agent}
		if it != nil {
			if err := decode(it, &u); err != nil {
				return err
			}
		} else if admin {
			u.Role = inbox.Admin
		}
		before := u
		if u.Email = email; name != "" {
			u.Name = name
		}
		u.named()
		if it != nil && u == before {
			return nil
		}
		op, err := put(s.n.Settings, cond(it), settingsKeys.User(id), u)
		if err != nil {
			return err
		}
		if it == nil {
			return s.commit(ctx, Change{By: events.Actor{Kind: events.Agent, ID: id, Name: u.Name}, What: "user", Of: id, Did: "joined"}, nil, u, op)
		}
		defer s.forget()
		return s.t.Transact(ctx, op)
	})
	return u, err
}

// named gives somebody without a name one.
func (u *User) named() {
	if u.Name == "" {
		u.Name, _, _ = strings.Cut(u.Email, "@")
	}
}

// SetSignature keeps what the composer puts below a user's messages.
func (s *Settings) SetSignature(ctx context.Context, id, html string) (User, error) {
	return s.changeUser(ctx, itself(id), id, "signature", func(u *User) error { u.Signature = html; return nil })
}

// itself is a user who changes what is their own.
func itself(id string) events.Actor { return events.Actor{Kind: events.Agent, ID: id} }

// Invited notes somebody who may sign in from now on. Who is known already stays as they are: an invitation changes neither role nor access.
func (s *Settings) Invited(ctx context.Context, by events.Actor, invited User) (User, error) {
	var u User
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.User(invited.ID))
		if err != nil {
			return err
		}
		if it != nil {
			return decode(it, &u)
		}
		u = invited
		u.named()
		op, err := put(s.n.Settings, table.Absent(), settingsKeys.User(u.ID), u)
		if err != nil {
			return err
		}
		return s.commit(ctx, Change{By: by, What: "user", Of: u.ID, Did: "invited"}, nil, u, op)
	})
	return u, err
}

// SetAccess disables a user or lets them in again, by the word of an admin; fault.Invalid for an admin's own access, fault.Denied for who
// is no admin, fault.NotFound for who is not there. That the admin still is one is a condition of the write: of two admins who disable each
// other at once one is too late, so there is always an admin.
func (s *Settings) SetAccess(ctx context.Context, by events.Actor, id string, disabled bool) (User, error) {
	if by.ID == id {
		return User{}, fault.New(fault.Invalid, "You cannot change your own access, so that the last admin never goes. Ask another admin.")
	}
	did := "let in"
	if disabled {
		did = "disabled"
	}
	return s.changeUser(ctx, by, id, did, func(u *User) error { u.Disabled = disabled; return nil }, s.witness)
}

// SetRole changes what a user may do, under the same conditions as SetAccess.
func (s *Settings) SetRole(ctx context.Context, by events.Actor, id string, r inbox.Role) (User, error) {
	if err := r.Known(); err != nil {
		return User{}, err
	}
	if by.ID == id {
		return User{}, fault.New(fault.Invalid, "You cannot change your own role, so that the last admin never goes. Ask another admin.")
	}
	return s.changeUser(ctx, by, id, "role", func(u *User) error { u.Role = r; return nil }, s.witness)
}

// SetCapacity says what may weigh on a user, in conversations; 0 for limit.Capacity.
func (s *Settings) SetCapacity(ctx context.Context, by events.Actor, id string, capacity float64) (User, error) {
	if capacity < 0 || capacity > limit.CapacityMost || capacity*2 != float64(int(capacity*2)) {
		return User{}, fault.New(fault.Invalid, "A capacity is 0 to %g conversations, in halves.", limit.CapacityMost)
	}
	return s.changeUser(ctx, by, id, "capacity", func(u *User) error { u.Capacity = capacity; return nil })
}

// SetAvailable turns a user's availability switch. It is no setting but what somebody does all day, so no record is kept of it.
func (s *Settings) SetAvailable(ctx context.Context, id string, available bool) (User, error) {
	return s.changeUser(ctx, events.Actor{}, id, "", func(u *User) error {
		switch {
		case available:
			u.AwaySince = time.Time{}
		case !u.Away:
			u.AwaySince = s.now().UTC().Truncate(time.Millisecond)
		}
		u.Away = !available
		return nil
	})
}

// SetProfile changes what visitors see of a user; "" takes a picture or a link away.
func (s *Settings) SetProfile(ctx context.Context, id, name, avatar, meeting string) (User, error) {
	return s.changeUser(ctx, itself(id), id, "profile", func(u *User) error {
		u.Name, u.Avatar, u.Meeting = name, avatar, meeting
		return nil
	})
}

// changeUser changes a user and records that, but for a did of ""; fault.NotFound if there is none. Nothing is written if nothing changes. A
// condition may be of another user: it is written in the same transaction.
func (s *Settings) changeUser(ctx context.Context, by events.Actor, id, did string, f func(*User) error, also ...func(context.Context, string) (table.Op, error)) (User, error) {
	var u User
	err := retry(ctx, limit.CommitBudget, func() error {
		var ops []table.Op
		for _, condition := range also {
			op, err := condition(ctx, by.ID)
			if err != nil {
				return err
			}
			ops = append(ops, op)
		}
		it, err := s.one(ctx, s.n.Settings, settingsKeys.User(id))
		if err != nil {
			return err
		}
		if it == nil {
			return gone("There is no such user.")
		}
		u = User{}
		if err := decode(it, &u); err != nil {
			return err
		}
		before := u
		if err := f(&u); err != nil || u == before {
			return err
		}
		op, err := put(s.n.Settings, cond(it), settingsKeys.User(id), u)
		if err != nil {
			return err
		}
		ops = append(ops, op)
		if did == "" {
			defer s.forget()
			return s.t.Transact(ctx, ops...)
		}
		if by.ID == id {
			by.Name = before.Name
		}
		return s.commit(ctx, Change{By: by, What: "user", Of: id, Did: did}, before, u, ops...)
	})
	return u, err
}

// witness is a write that changes nothing and fails unless an admin is one still; fault.Denied if they are none now.
func (s *Settings) witness(ctx context.Context, admin string) (table.Op, error) {
	it, err := s.one(ctx, s.n.Settings, settingsKeys.User(admin))
	if err != nil {
		return table.Op{}, err
	}
	var u User
	if it != nil {
		if err := decode(it, &u); err != nil {
			return table.Op{}, err
		}
	}
	if u.Role != inbox.Admin || u.Disabled {
		return table.Op{}, fault.New(fault.Denied, "Only an admin can do this.")
	}
	return put(s.n.Settings, cond(it), settingsKeys.User(admin), u)
}
