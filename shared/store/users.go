package store

import (
	"context"
	"slices"
	"strings"

	"parley/shared/fault"
	"parley/shared/limit"
	"parley/shared/table"
)

// Roles.
const (
	RoleAdmin = "admin"
	RoleAgent = "agent"
)

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

// SignedIn notes a sign-in: it creates the user the first time and keeps name and email up to date. admin comes from the issuer's
// group and decides the role at creation only; afterwards the role is the workspace's own.
func (s *Settings) SignedIn(ctx context.Context, id, name, email string, admin bool) (User, error) {
	var u User
	err := retry(ctx, limit.CommitBudget, func() error {
		it, err := s.one(ctx, s.n.Settings, settingsKeys.User(id))
		if err != nil {
			return err
		}
		u = User{ID: id, Role: RoleAgent}
		if it != nil {
			if err := decode(it, &u); err != nil {
				return err
			}
		} else if admin {
			u.Role = RoleAdmin
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

// Invited notes somebody who may sign in from now on. Who is known already stays as they are: an invitation changes neither role nor access.
func (s *Settings) Invited(ctx context.Context, invited User) (User, error) {
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
		defer s.forget()
		return s.t.Transact(ctx, op)
	})
	return u, err
}

// SetAccess disables a user or lets them in again, by the word of an admin; fault.Invalid for an admin's own access, fault.Denied for who
// is no admin, fault.NotFound for who is not there. That the admin still is one is a condition of the write: of two admins who disable each
// other at once one is too late, so there is always an admin.
func (s *Settings) SetAccess(ctx context.Context, by, id string, disabled bool) (User, error) {
	if by == id {
		return User{}, fault.New(fault.Invalid, "You cannot change your own access, so that the last admin never goes. Ask another admin.")
	}
	var u User
	err := retry(ctx, limit.CommitBudget, func() error {
		keep, err := s.witness(ctx, by)
		if err != nil {
			return err
		}
		it, err := s.one(ctx, s.n.Settings, settingsKeys.User(id))
		if err != nil {
			return err
		}
		if it == nil {
			return fault.New(fault.NotFound, "There is no such user.")
		}
		u = User{}
		if err := decode(it, &u); err != nil || u.Disabled == disabled {
			return err
		}
		u.Disabled = disabled
		op, err := put(s.n.Settings, cond(it), settingsKeys.User(id), u)
		if err != nil {
			return err
		}
		defer s.forget()
		return s.t.Transact(ctx, op, keep)
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
	if u.Role != RoleAdmin || u.Disabled {
		return table.Op{}, fault.New(fault.Denied, "Only an admin can do this.")
	}
	return put(s.n.Settings, cond(it), settingsKeys.User(admin), u)
}
