package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2/util"
	"go.etcd.io/bbolt"

	"kliping/internal/news"
)

// The files of an index: Bleve's root names the segments that count, each of
// which ends in a checksum of itself that Bleve writes and never reads. The root
// has no checksum. We give it one, the seal, when the index is closed; after a
// crash there is none, and then only the root's structure is known to be sound.
const (
	rootFile = "store/root.bolt"
	sealFile = "seal"
)

// audit reads every file of a closed index once and fails with
// [news.ErrDamaged] if one is missing or not as it was written. Random damage
// goes unnoticed by Bleve itself until it answers wrongly or panics. Reading is
// what it costs: a second or so for each gigabyte.
func audit(path string) error {
	root := filepath.Join(path, rootFile)
	if err := checkSeal(path); err != nil {
		return err
	}
	if err := checkRootSize(root); err != nil {
		return err
	}
	segments, err := liveSegments(root)
	if err != nil {
		return err
	}
	for _, name := range segments {
		if err := checkSegment(filepath.Join(path, "store", name)); err != nil {
			return err
		}
	}
	return nil
}

// liveSegments names the segments of the newest snapshot. Everything in the
// root is read on the way, so that a page that cannot be read shows here.
func liveSegments(root string) (names []string, err error) {
	db, err := bbolt.Open(root, 0o600, &bbolt.Options{ReadOnly: true, Timeout: 1})
	if err != nil {
		return nil, damaged(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		snapshots := tx.Bucket(util.BoltSnapshotsBucket)
		if snapshots == nil {
			return errors.New("it has no snapshot")
		}
		newest, _ := snapshots.Cursor().Last()
		snapshot := snapshots.Bucket(newest)
		if snapshot == nil {
			return errors.New("its newest snapshot is gone")
		}
		names = nil
		return snapshot.ForEachBucket(func(k []byte) error {
			b := snapshot.Bucket(k)
			if name := b.Get(util.BoltPathKey); name != nil && !bytes.Equal(k, util.BoltInternalKey) {
				names = append(names, string(name))
			}
			return b.ForEach(func(_, _ []byte) error { return nil })
		})
	})
	if err != nil {
		return nil, damaged(err)
	}
	return names, nil
}

// checkRootSize fails if the root is shorter than its own pages say: reading
// past the end of a mapped file would end the process.
//
// The layout is bbolt's: two meta pages, each with a header of 16 bytes and
// then magic, version, page size, flags (4 bytes each), root bucket (16),
// free list, highest page, transaction (8 each).
func checkRootSize(root string) error {
	f, err := os.Open(root)
	if err != nil {
		return damaged(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return damaged(err)
	}
	meta := make([]byte, 16+64)
	if _, err := io.ReadFull(f, meta); err != nil {
		return damaged(fmt.Errorf("%s: %w", rootFile, err))
	}
	pageSize := int64(binary.NativeEndian.Uint32(meta[24:]))
	if pageSize < 512 || pageSize > 1<<20 {
		return damaged(fmt.Errorf("%s does not begin as it should", rootFile))
	}
	pages := binary.NativeEndian.Uint64(meta[56:])
	if _, err := f.ReadAt(meta, pageSize); err != nil {
		return damaged(fmt.Errorf("%s: %w", rootFile, err))
	}
	pages = max(pages, binary.NativeEndian.Uint64(meta[56:]))
	if have := uint64(info.Size() / pageSize); have < pages {
		return damaged(fmt.Errorf("%s has been cut short: %d of %d pages", rootFile, have, pages))
	}
	return nil
}

// checkSegment compares a segment with the checksum it ends in: CRC-32 (IEEE),
// big-endian, of everything before it.
func checkSegment(path string) error {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return damaged(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return damaged(err)
	}
	body := info.Size() - crc32.Size
	if body <= 0 {
		return damaged(fmt.Errorf("segment %s is empty", name))
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, body); err != nil {
		return damaged(fmt.Errorf("segment %s: %w", name, err))
	}
	var want uint32
	if err := binary.Read(f, binary.BigEndian, &want); err != nil {
		return damaged(fmt.Errorf("segment %s: %w", name, err))
	}
	if sum.Sum32() != want {
		return damaged(fmt.Errorf("segment %s does not have the checksum it was written with", name))
	}
	return nil
}

// seal leaves the checksum of the root beside it, or nothing: half a seal, on a
// full disk, would call a sound index damaged.
func seal(path string) error {
	sum, err := rootSum(path)
	if err != nil {
		return err
	}
	name := filepath.Join(path, sealFile)
	if err := os.WriteFile(name, sum, 0o600); err != nil {
		return errors.Join(full(err), os.Remove(name))
	}
	return nil
}

func checkSeal(path string) error {
	want, err := os.ReadFile(filepath.Join(path, sealFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	sum, err := rootSum(path)
	if err != nil {
		return damaged(err)
	}
	if !bytes.Equal(sum, want) {
		return fmt.Errorf("it is %w: %s does not have the checksum it was closed with", news.ErrDamaged, rootFile)
	}
	return nil
}

// removeSeal breaks the seal before the root changes, for good: a seal that came
// back after a power cut would call a sound index damaged.
func removeSeal(path string) error {
	err := os.Remove(filepath.Join(path, sealFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func rootSum(path string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(path, rootFile))
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x\n", crc32.ChecksumIEEE(b)), nil
}
