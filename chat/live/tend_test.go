package live_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"planga/bus"
	"planga/chat"
	"planga/chat/live"
)

func TestClientsAreToldWhereAConversationStands(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes", "cars"))
	ann.joins("bikes")
	ann.joins("cars")
	ann.posts("bikes", "c1", "hello")
	ann.hearsMessage("bikes", "hello")
	h.live.TellHeads()
	if got := ann.hears("conversation:bikes", "head"); got["rev"] != 2.0 || got["head_seq"] != 1.0 {
		t.Errorf("got %v, want rev 2 and head_seq 1", got)
	}
	h.live.TellHeads() // nothing happened since, so nothing is told
	ann.posts("bikes", "c2", "again")
	ann.hearsMessage("bikes", "again")
	for _, f := range ann.heard {
		if f.event == "head" {
			t.Errorf("told without need: %s %s", f.topic, f.payload)
		}
	}
}

func TestWhatNobodyVisitsIsForgottenAndFoundAgain(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.gets("user:ann", "phx_join", "{}")
	h.live.Forget(time.Now().Add(time.Hour))
	if n := h.live.Places(); n != 2 {
		t.Fatalf("%d places are followed while somebody is there, want 2", n)
	}
	ann.gets("conversation:bikes", "phx_leave", "{}")
	ann.gets("user:ann", "phx_leave", "{}")
	for deadline := time.Now().Add(patience); h.live.Places() > 0; h.live.Forget(time.Now().Add(time.Hour)) {
		if time.Now().After(deadline) {
			t.Fatalf("%d places are still followed", h.live.Places())
		}
	}
	ann.joins("bikes")
	ann.posts("bikes", "c1", "back again")
	ann.hearsMessage("bikes", "back again")
}

func TestMetricsCountWhatHappens(t *testing.T) {
	metrics := live.NewMetrics()
	h := newHouse(t, func(o *live.Options) { o.Metrics = metrics })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(metrics)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.posts("bikes", "c1", "hello")
	ann.hearsMessage("bikes", "hello")
	ann.isRefused("conversation:bikes", "new_message", "{}", chat.Invalid)
	if _, err := h.dial(t, "stranger", "nonsense", nil); err == nil {
		t.Error("a stranger was let in")
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			got[f.GetName()] += m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"planga_chat_connections": 1, "planga_chat_rooms": 1, "planga_chat_post_seconds": 1, "planga_chat_refusals_total": 1, "planga_chat_handshakes_refused_total": 1,
	} {
		if got[name] != want {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
	if got["planga_chat_deliveries_total"] < 1 {
		t.Error("no deliveries were counted")
	}
}

func TestStatisticsReachAWorkerOnceTheDashboardIsThere(t *testing.T) {
	h := newHouse(t)
	ann := h.comes(t, "ann", token(t, 1, "ann", nil, "bikes"))
	ann.joins("bikes")
	ann.posts("bikes", "c1", "hello")
	ctx, cancel := context.WithCancel(t.Context())
	running := make(chan struct{})
	go func() {
		defer close(running)
		h.service.Statistics.Run(ctx, 20*time.Millisecond, live.Carrier{Bus: h.bus}, slog.New(slog.DiscardHandler))
	}()
	messages := make(chan int64, 100)
	var tries atomic.Int64
	stop, err := h.bus.Work(bus.KindStatistics, func(_ context.Context, m bus.Message) error {
		if tries.Add(1) == 1 {
			return errors.New("the dashboard's disk is full")
		}
		for _, a := range m.(bus.Statistics).Apps {
			messages <- a.Messages
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case n := <-messages:
		if n != 1 {
			t.Errorf("got %d messages, want the one that was counted before the worker came", n)
		}
	case <-time.After(patience):
		t.Error("no statistics came")
	}
	cancel()
	<-running
	stop()
}
