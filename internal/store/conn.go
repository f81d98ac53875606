package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// conn is one transaction.
type conn struct {
	tx       *sql.Tx
	db       *DB
	prepared map[string]*sql.Stmt // lives as long as the transaction
}

// write runs f in the one transaction that may write, and commits it if f
// returns nil. op begins the error's text.
func (db *DB) write(ctx context.Context, op string, f func(*conn) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err == nil {
		if err = f(&conn{tx: tx, db: db}); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback() // err says what went wrong
		}
	}
	return db.explain(ctx, op, err)
}

// read runs f in a transaction that sees one state of the store throughout.
func (db *DB) read(ctx context.Context, op string, f func(*conn) error) error {
	tx, err := db.reader.BeginTx(ctx, db.dialect.reading)
	if err == nil {
		err = f(&conn{tx: tx, db: db})
		_ = tx.Rollback() // there is nothing to commit
	}
	return db.explain(ctx, op, err)
}

// exec runs a statement and returns how many rows it touched.
func (c *conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := c.tx.ExecContext(ctx, c.db.dialect.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// repeat is exec for statements run many times in one transaction.
func (c *conn) repeat(ctx context.Context, query string, args ...any) error {
	stmt := c.prepared[query]
	if stmt == nil {
		var err error
		if stmt, err = c.tx.PrepareContext(ctx, c.db.dialect.bind(query)); err != nil {
			return err
		}
		if c.prepared == nil {
			c.prepared = map[string]*sql.Stmt{}
		}
		c.prepared[query] = stmt
	}
	_, err := stmt.ExecContext(ctx, args...)
	return err
}

// row reads the one row that query gives into dest, and reports whether there
// is one.
func (c *conn) row(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	err := c.tx.QueryRowContext(ctx, c.db.dialect.bind(query), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows reads all rows that query gives, each by scan.
func rows[T any](ctx context.Context, c *conn, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	r, err := c.tx.QueryContext(ctx, c.db.dialect.bind(query), args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []T
	for r.Next() {
		one, err := scan(r)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		all = append(all, one)
	}
	return all, r.Err()
}

// scanOne scans rows of one column.
func scanOne[T any](r *sql.Rows) (v T, err error) { return v, r.Scan(&v) }

// among and list are the dialect's.
func (c *conn) among(column string) string { return c.db.dialect.among(column) }
func (c *conn) list(values any) any        { return c.db.dialect.list(values) }

// add changes a counter.
func (c *conn) add(ctx context.Context, counter string, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := c.exec(ctx, "UPDATE counters SET value = value + ? WHERE name = ?", n, counter)
	return err
}
