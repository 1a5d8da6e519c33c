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

// Users returns everybody who has signed in, by name.
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

// User returns one user; fault.NotFound if nobody of that id has signed in.
func (s *Settings) User(ctx context.Context, id string) (User, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return User{}, err
	}
	if i := slices.IndexFunc(users, func(u User) bool { return u.ID == id }); i >= 0 {
		return users[i], nil
	}
	return User{}, fault.New(fault.NotFound, "There is no such user.")
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
		if u.Name == "" {
			u.Name, _, _ = strings.Cut(email, "@")
		}
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
