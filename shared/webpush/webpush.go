// Package webpush seals what a browser's push service carries without reading it (RFC 8291), and signs for whom it carries it (VAPID, RFC 8292).
//
// Owns: keys, the encryption, the signature. Never: the request itself (shared/fetch), what is told. Imported by: functions.
package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"time"

	"parley/shared/fault"
)

const (
	// PlainBytes is the most that one message can hold: services take 4096 bytes (RFC 8030 §7.2), of which 86 are the header and 17 the seal.
	PlainBytes = 4096 - headerBytes - 17

	recordBytes = 4096
	saltBytes   = 16
	pointBytes  = 65
	authBytes   = 16
	headerBytes = saltBytes + 4 + 1 + pointBytes
	tokenLife   = 12 * time.Hour // at most a day (RFC 8292 §2)
)

var b64 = base64.RawURLEncoding

// Target is where a browser is told, as its PushSubscription says it.
type Target struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // its public key: an uncompressed point in base64url
	Auth     string `json:"auth"`   // 16 bytes in base64url
}

// Check refuses a target that nothing can be sealed for, or whose service is not reached over TLS.
func (t Target) Check() error {
	at, err := url.Parse(t.Endpoint)
	if err != nil || at.Scheme != "https" || at.Hostname() == "" || at.User != nil {
		return fault.New(fault.Invalid, "The address of a push service begins with https://.")
	}
	_, _, err = t.keys()
	return err
}

func (t Target) keys() (*ecdh.PublicKey, []byte, error) {
	point, err := b64.DecodeString(t.P256dh)
	var key *ecdh.PublicKey
	if err == nil {
		key, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "p256dh is no point of P-256.")
	}
	auth, err := b64.DecodeString(t.Auth)
	if err != nil || len(auth) != authBytes {
		return nil, nil, fault.New(fault.Invalid, "auth is 16 bytes in base64url.")
	}
	return key, auth, nil
}

// Seal encrypts a message for a target: the body of a request with Content-Encoding aes128gcm.
func Seal(t Target, plain []byte) ([]byte, error) {
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails: the program ends instead
	return seal(t, plain, ours, salt)
}

func seal(t Target, plain []byte, ours *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(plain) > PlainBytes {
		return nil, fault.New(fault.Invalid, "A push message holds at most %d bytes.", PlainBytes)
	}
	theirs, auth, err := t.keys()
	if err != nil {
		return nil, err
	}
	shared, err := ours.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	point := ours.PublicKey().Bytes()
	ikm, err := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(theirs.Bytes())+string(point), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, headerBytes+len(plain)+17)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, recordBytes)
	out = append(out, byte(len(point)))
	out = append(out, point...)
	// 2 ends the last record, which is the only one (RFC 8188 §2).
	return gcm.Seal(out, nonce, append(append([]byte{}, plain...), 2), nil), nil
}

// Key is the application server's own.
type Key struct {
	private *ecdsa.PrivateKey
	public  string
}

// NewKey is the key of a secret, always the same.
func NewKey(secret []byte) (*Key, error) {
	for n := byte(0); ; n++ { // one in 2^32 secrets is no scalar of the curve at the first look
		scalar, err := hkdf.Key(sha256.New, secret, nil, "parley vapid "+string('0'+n), 32)
		if err != nil {
			return nil, err
		}
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
		if err != nil && n < 9 {
			continue
		}
		if err != nil {
			return nil, err
		}
		point, err := private.PublicKey.Bytes()
		return &Key{private, b64.EncodeToString(point)}, err
	}
}

// Public is the applicationServerKey that browsers subscribe with.
func (k *Key) Public() string { return k.public }

// Authorization is the header that says who sends to an endpoint. subject is where the service may complain: a mailto: or https: address.
func (k *Key) Authorization(endpoint, subject string, now time.Time) (string, error) {
	at, err := url.Parse(endpoint)
	if err != nil {
		return "", fault.New(fault.Invalid, "This is no address.")
	}
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}{at.Scheme + "://" + at.Host, now.Add(tokenLife).Unix(), subject})
	if err != nil {
		return "", err
	}
	signed := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + signed + "." + b64.EncodeToString(signature) + ", k=" + k.public, nil
}
