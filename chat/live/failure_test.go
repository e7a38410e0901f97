package live_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"planga/chat"
	"planga/chat/live"
)

// brokenStore is a store whose disk is full, or which fails in a way of its own.
type brokenStore struct {
	chat.Conversations
	failure atomic.Pointer[error]
}

func (b *brokenStore) Post(ctx context.Context, d chat.Draft) (chat.Message, bool, error) {
	if err := b.failure.Load(); err != nil {
		return chat.Message{}, false, *err
	}
	return b.Conversations.Post(ctx, d)
}

func TestAStoreThatFailsIsToldAndLaterPostsSucceed(t *testing.T) {
	broken := new(brokenStore)
	h := newHouse(t, func(o *live.Options) {
		broken.Conversations, o.Service.Conversations = o.Service.Conversations, broken
	})
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	full := error(chat.Unavailable(errors.New("no space left on device"), 2*time.Second))
	broken.failure.Store(&full)
	got := ann.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"hello"}`, chat.StorageUnavailable)
	if got["retry_after_ms"] != 2000.0 {
		t.Errorf("got %v, want to try again in two seconds", got)
	}
	odd := errors.New("table messages is missing")
	broken.failure.Store(&odd)
	got = ann.isRefused("conversation:bikes", "new_message", `{"client_id":"c1","body":"hello"}`, chat.Internal)
	if got["message"] != "Something went wrong on the server." {
		t.Errorf("got %v, want nothing of the cause", got)
	}
	broken.failure.Store(nil)
	ann.posts("bikes", "c1", "hello")
	ann.hearsMessage("bikes", "hello")
}
