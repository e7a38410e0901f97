// Package storetest judges stores. It holds what package chat promises of [chat.Conversations], [chat.Outbox] and
// [chat.Apps] as a list of promises that any store must keep, with no switches for what one of them cannot do.
//
// A store's own test hands [Run] a way to come by an empty home:
//
//	func TestPromises(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) storetest.Home {
//			dir := t.TempDir()
//			return func() (storetest.Store, error) { return sqlite.OpenChat(dir) }
//		})
//	}
//
// What it does not judge: speed, what happens when power or disk fail, and how anything is stored.
package storetest

import (
	"slices"
	"testing"

	"planga/chat"
)

// Store is what is judged: all that package chat asks of a store, and a way to end.
type Store interface {
	chat.Conversations
	chat.Outbox
	chat.Apps
	Close() error
}

// Home opens the store that lives in one place. Opened again after it was closed, it must have everything it had; opened twice
// at once, as several processes do, both are the same place.
type Home func() (Store, error)

// promise is one thing that stores promise, and the story that shows whether it is kept.
type promise struct {
	name  string
	check func(w *world)
}

func promises() []promise {
	var all []promise
	for _, some := range [][]promise{
		posting, repeating, entering, amending, amendingParticipants, reading, marking, listing, inboxes, tenants, crowds,
		announcing, keepingApps, reopening, anything,
	} {
		all = append(all, some...)
	}
	return all
}

// Run judges the stores that newHome leads to: one sub-test for each promise, each with a home of its own.
func Run(t *testing.T, newHome func(testing.TB) Home) {
	for _, p := range promises() {
		t.Run(p.name, func(t *testing.T) { p.check(newWorld(t, newHome(t))) })
	}
}

// Broken returns the names of the promises that the stores break, without failing t: of all promises, or of those that are
// named. It serves to show that Run can tell a broken store.
func Broken(t testing.TB, newHome func(testing.TB) Home, named ...string) []string {
	var broken []string
	for _, p := range promises() {
		if len(named) > 0 && !slices.Contains(named, p.name) {
			continue
		}
		r := &recorder{TB: t}
		r.run(func() { p.check(newWorld(r, newHome(r))) })
		if r.Failed() {
			broken = append(broken, p.name)
		}
	}
	return broken
}
