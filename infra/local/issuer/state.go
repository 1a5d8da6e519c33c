package issuer

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/shared/fault"
)

// User is someone who can sign in.
type User struct {
	Sub      string   `json:"sub"`
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	Groups   []string `json:"groups,omitempty"`
	Disabled bool     `json:"disabled,omitempty"`
	Password string   `json:"-"` // in clear, only when a user is created
	Salt     []byte   `json:"salt"`
	Hash     []byte   `json:"hash"` // PBKDF2-SHA256
}

// Rounds of PBKDF2: OWASP's figure for SHA-256 is 600 000; here it is a desk's own machine and three known passwords, so signing in stays quick.
const rounds = 50_000

// state is the file.
type state struct {
	Key     []byte             `json:"key"`    // PKCS #8 RSA
	KeyID   string             `json:"kid"`    //
	Crypto  []byte             `json:"crypto"` // 32 bytes
	Users   []User             `json:"users"`
	Refresh map[string]refresh `json:"refresh"` // by SHA-256 of the token, base64url
}

// refresh is one refresh token. A rotated one stays until it expires, so that its reuse can be told.
type refresh struct {
	Family  string    `json:"family"` // one sign-in
	Sub     string    `json:"sub"`
	Scopes  []string  `json:"scopes"`
	Auth    time.Time `json:"auth"`
	Expires time.Time `json:"expires"`
	Rotated time.Time `json:"rotated,omitzero"`
}

func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (u *User) setPassword(password string) error {
	u.Salt = make([]byte, 16)
	_, _ = rand.Read(u.Salt)
	hash, err := pbkdf2.Key(sha256.New, password, u.Salt, rounds, 32)
	u.Hash = hash
	return err
}

func (u *User) passwordIs(password string) bool {
	hash, err := pbkdf2.Key(sha256.New, password, u.Salt, rounds, 32)
	return err == nil && subtle.ConstantTimeCompare(hash, u.Hash) == 1
}

// loadState reads the file, or makes a new one with the users given.
func loadState(file string, users []User) (*state, *rsa.PrivateKey, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newState(file, users)
	}
	if err != nil {
		return nil, nil, err
	}
	s := new(state)
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, nil, fmt.Errorf("issuer: %s is damaged (%w); move it away and everybody signs in anew", file, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(s.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("issuer: %s: %w", file, err)
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("issuer: %s holds no RSA key", file)
	}
	if s.Refresh == nil {
		s.Refresh = map[string]refresh{}
	}
	return s, rsaKey, nil
}

func newState(file string, users []User) (*state, *rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	s := &state{KeyID: newSecret()[:16], Crypto: make([]byte, 32), Refresh: map[string]refresh{}}
	_, _ = rand.Read(s.Crypto)
	if s.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, nil, err
	}
	for _, u := range users {
		if u.Sub == "" {
			u.Sub = strings.ToLower(ulid.Make().String())
		}
		if err := u.setPassword(u.Password); err != nil {
			return nil, nil, err
		}
		s.Users = append(s.Users, u)
	}
	return s, key, s.save(file)
}

// save replaces the file, whole or not at all.
func (s *state) save(file string) error {
	raw, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".issuer-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

func (s *state) user(match func(*User) bool) (User, error) {
	for i := range s.Users {
		if match(&s.Users[i]) {
			return s.Users[i], nil
		}
	}
	return User{}, fault.New(fault.NotFound, "There is no such user.")
}
