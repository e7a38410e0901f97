package dashboard

import (
	"sync"
	"time"
)

// Bounds of what waits to be shown once.
const (
	onceLife = 2 * time.Minute
	onceMax  = 1000
)

// onceShown carries the secrets of a new key over the redirect that follows its creation: only in memory, to the same browser's
// session, once, and not for long. Safe for use by many goroutines.
type onceShown struct {
	now func() time.Time

	mu      sync.Mutex // guards what follows
	waiting map[onceFor]onceItem
}

type onceFor struct {
	account  AccountID
	publicID string
}

type onceItem struct {
	secrets Secrets
	until   time.Time
}

func newOnceShown(now func() time.Time) *onceShown {
	return &onceShown{now: now, waiting: make(map[onceFor]onceItem)}
}

// put keeps the secrets for whoever created the key.
func (o *onceShown) put(account AccountID, publicID string, s Secrets) {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for k, item := range o.waiting {
		if now.After(item.until) || len(o.waiting) >= onceMax {
			delete(o.waiting, k)
		}
	}
	o.waiting[onceFor{account, publicID}] = onceItem{s, now.Add(onceLife)}
}

// take returns the secrets and forgets them; false if there are none.
func (o *onceShown) take(account AccountID, publicID string) (Secrets, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := onceFor{account, publicID}
	item, ok := o.waiting[k]
	delete(o.waiting, k)
	return item.secrets, ok && !o.now().After(item.until)
}
