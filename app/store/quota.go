package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// reserveBlock is how many blobs are reserved at once: one small write for a
// million entries; a crash wastes at most a block of a key's 2^31.
const reserveBlock = 1 << 20

// A quota counts blobs, so that no data key seals more than blobsPerKey.
type quota struct {
	mu     sync.Mutex
	number uint32
	left   int
}

// errQuota cannot happen while the clerk tops up after each transaction.
var errQuota = errors.New("seal entries: no data key is reserved")

// take gives the data key for n blobs.
func (q *quota) take(n int) (uint32, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left < n {
		return 0, errQuota
	}
	q.left -= n
	return q.number, nil
}

func (q *quota) low() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.left < reserveBlock/2
}

// reserve sets the next block aside, under the next key when this one is spent.
func (q *quota) reserve(ctx context.Context, d *database) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var number, reserved int64
	err := d.write.QueryRowContext(ctx, "SELECT number, reserved FROM data_key ORDER BY number DESC LIMIT 1").Scan(&number, &reserved)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if number == 0 || reserved > blobsPerKey-reserveBlock {
		number, reserved = number+1, 0
	}
	_, err = d.write.ExecContext(ctx, `
		INSERT INTO data_key (number, reserved) VALUES (?, ?)
		ON CONFLICT (number) DO UPDATE SET reserved = excluded.reserved`, number, reserved+reserveBlock)
	if err != nil {
		return err
	}
	q.number, q.left = uint32(number), reserveBlock
	return nil
}

func loadQuota(ctx context.Context, u *unlocked) (*quota, error) {
	q := new(quota)
	return q, q.reserve(ctx, u.db)
}
