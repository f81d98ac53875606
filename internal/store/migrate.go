package store

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations
var migrations embed.FS

// migrate runs the migrations that the store has not seen, all or none. They
// are numbered from 1, one file each, and only go forward.
func (db *DB) migrate(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/"+db.dialect.name+"/*.sql") // sorted
	if err != nil {
		return err
	}
	have, err := db.version(ctx)
	if err != nil || have == len(files) {
		return err
	}
	return db.write(ctx, "bring the store up to date", func(c *conn) error {
		if db.dialect.onlyOne != "" {
			if _, err := c.exec(ctx, db.dialect.onlyOne); err != nil {
				return err
			}
		}
		if _, err := c.exec(ctx, "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, applied BIGINT NOT NULL)"); err != nil {
			return err
		}
		have, err := c.version(ctx)
		if err != nil {
			return err
		}
		if have > len(files) {
			return fmt.Errorf("%w: %s is of version %d, this program knows %d; use the newer program, or restore a backup made before it ran",
				ErrNewer, db.where, have, len(files))
		}
		for i := have; i < len(files); i++ {
			if err := c.apply(ctx, i+1, files[i]); err != nil {
				return err
			}
		}
		return c.nameWays(ctx)
	})
}

// version is the number of the last migration, without writing anything.
func (db *DB) version(ctx context.Context) (n int, err error) {
	err = db.read(ctx, db.opening(), func(c *conn) error {
		query := "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
		if db.dialect.numbered {
			query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'"
		}
		var tables int
		if _, err := c.row(ctx, []any{&tables}, query); err != nil || tables == 0 {
			return err
		}
		n, err = c.version(ctx)
		return err
	})
	return n, err
}

func (c *conn) version(ctx context.Context) (n int, err error) {
	_, err = c.row(ctx, []any{&n}, "SELECT COALESCE(MAX(version), 0) FROM migrations")
	return n, err
}

// apply runs one migration; the first also gives the store its epoch.
func (c *conn) apply(ctx context.Context, version int, file string) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := c.tx.ExecContext(ctx, string(script)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if version == 1 {
		if _, err := c.exec(ctx, "INSERT INTO meta (key, value) VALUES ('epoch', ?)", rand.Text()); err != nil {
			return err
		}
	}
	if version == 2 {
		if err := c.fillDomains(ctx); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	_, err = c.exec(ctx, "INSERT INTO migrations (version, applied) VALUES (?, ?)", version, millis(c.db.now()))
	return err
}
