package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// keySize is the length of a key, in bytes: AES-256.
const keySize = 32

// Key is the site's. It is safe for concurrent use and never prints itself.
type Key struct{ aead cipher.AEAD }

// String hides it.
func (Key) String() string { return "key (hidden)" }

// GoString hides it too.
func (Key) GoString() string { return "key (hidden)" }

// ErrKeyFile says that a file is no key.
var ErrKeyFile = errors.New("the key file does not hold 32 bytes for its owner alone")

// LoadKey reads the key from the file, which it makes when there is none: 32 random bytes, mode 0600.
// A file of another size, or one that others than owner and group may touch, fails with ErrKeyFile.
func LoadKey(path string) (*Key, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the key file: %w", err)
		}
		key, err = os.ReadFile(path) // another process may have been first
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if len(key) != keySize || info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%w: %s", ErrKeyFile, path)
	}
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	return &Key{aead}, nil
}

// makeKey writes a new key beside the place and links it there: whoever looks sees all of it or nothing,
// and of two that do so at once one wins.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// A sealed content is: the magic, the wrapped key (wrapped by the site's), then the content under that
// key. Both parts carry their own random nonce and are bound to the name.
var magic = []byte("ACCv1\n")

// wrappedSize is the length of a wrapped key: nonce, key, tag.
const wrappedSize = 12 + keySize + 16

// Overhead is how many bytes a sealed content is longer than the plain one.
var Overhead = len(magic) + wrappedSize + 12 + 16

// ErrSealed says that a content cannot be opened: it was damaged, cut short, put under another name or
// sealed with another key. Nothing tells which.
var ErrSealed = errors.New("the content cannot be opened with this key and name")

// Seal encrypts the content under a random key of its own, bound to the name.
func (k *Key) Seal(name string, plain []byte) []byte {
	own := make([]byte, keySize)
	_, _ = rand.Read(own) // never fails
	defer clear(own)
	out := make([]byte, 0, len(plain)+Overhead)
	out = append(out, magic...)
	out = k.aead.Seal(out, nil, own, []byte("key "+name))
	inner, err := sealer(own)
	if err != nil {
		panic(err) // only a key of another length makes it fail
	}
	return inner.Seal(out, nil, plain, []byte(name))
}

// Unseal decrypts what Seal made under the name; ErrSealed for everything else.
func (k *Key) Unseal(name string, sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, magic)
	if !ok || len(rest) < wrappedSize {
		return nil, ErrSealed
	}
	own, err := k.aead.Open(nil, nil, rest[:wrappedSize], []byte("key "+name))
	if err != nil {
		return nil, ErrSealed
	}
	defer clear(own)
	inner, err := sealer(own)
	if err != nil {
		return nil, ErrSealed
	}
	plain, err := inner.Open(nil, nil, rest[wrappedSize:], []byte(name))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// syncDir makes a change of names in the folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readBounded reads a file of at most so many bytes.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", filepath.Base(path), most)
	}
	return content, err
}
