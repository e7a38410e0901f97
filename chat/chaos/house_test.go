package main

import (
	"context"
	"testing"
	"time"
)

// program builds the server once for all tests.
var program func() (string, error)

var contextOfTests = context.Background()

func binary(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// quiet is a world without any chaos, in which things happen fast.
func quiet(t *testing.T) *world {
	t.Helper()
	o := options{
		each: 700 * time.Millisecond, seed: 1, clients: 12, rooms: 2, pause: 1000 * time.Hour, pace: 60 * time.Millisecond,
		deeds: 40 * time.Millisecond, steady: true, noticing: noticing, binary: binary(t),
	}
	w, err := open(t.Context(), o, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	if err := w.server.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}
