package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"

	"kliping/internal/news"
)

// codec compresses what is bulky. It is safe for many goroutines at once.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// maxDecoded bounds what one blob may unpack to, in case it is damaged.
const maxDecoded = 256 << 20

// newCodec returns a codec at the fastest level: better ones gain a tenth in
// size on articles and cost several times as much. Frames carry a checksum, by
// which damage to them is noticed.
func newCodec() (codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(128<<10))
	if err != nil {
		return codec{}, fmt.Errorf("make the compressor: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxDecoded))
	if err != nil {
		return codec{}, fmt.Errorf("make the decompressor: %w", err)
	}
	return codec{enc, dec}, nil
}

// pack makes v compressed JSON.
func (c codec) pack(v any) ([]byte, error) {
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetEscapeHTML(false)
	if err := j.Encode(v); err != nil {
		return nil, err
	}
	return c.enc.EncodeAll(b.Bytes(), make([]byte, 0, b.Len()/2+64)), nil
}

// unpack reads compressed JSON into v. what names it in the error, which wraps
// news.ErrDamaged.
func (c codec) unpack(data []byte, v any, what string, id news.ArticleID) error {
	plain, err := c.dec.DecodeAll(data, make([]byte, 0, 4*len(data)))
	if err == nil {
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("%s of article %d: %w: %w; restore a backup", what, id, news.ErrDamaged, err)
	}
	return nil
}

// packPrints writes fingerprints as little-endian words.
func packPrints(prints []uint64) []byte {
	b := make([]byte, 0, 8*len(prints))
	for _, p := range prints {
		b = binary.LittleEndian.AppendUint64(b, p)
	}
	return b
}

func unpackPrints(b []byte) []uint64 {
	prints := make([]uint64, len(b)/8)
	for i := range prints {
		prints[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return prints
}

// millis is a time as it is stored.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is a stored time.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// text makes a stranger's string one that both databases take: UTF-8 without
// NUL, which PostgreSQL refuses.
func text(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// words writes a list of strings for one column; none is "".
func words(list []string) string {
	if len(list) == 0 {
		return ""
	}
	b, _ := json.Marshal(list) // strings always can be
	return text(string(b))
}

// list reads what words wrote.
func list(s, what string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	var all []string
	if err := json.Unmarshal([]byte(s), &all); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", what, news.ErrDamaged, err)
	}
	return all, nil
}

// guidKey is what a guid is found by: strangers choose its length, so the index
// holds 120 bits of its hash.
func guidKey(guid string) string {
	sum := sha256.Sum256([]byte(guid))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// urlKey is what a URL, or its shared form, is found by. Outlet and title are
// compared as well, so that 64 bits are enough.
func urlKey(url string) int64 { return int64(xxh3.HashString(url)) }

// contentHash changes when the outlet publishes another edition.
func contentHash(it *news.Item) int64 {
	h := xxh3.New()
	_, _ = h.WriteString(it.Title) // cannot fail
	_, _ = h.Write([]byte{0})
	_, _ = h.WriteString(it.HTML)
	return int64(h.Sum64())
}
