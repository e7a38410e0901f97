package dashboard_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestFiftyPeopleRedeemOneSetupLinkAndOneGetsIn(t *testing.T) {
	h := open(t, "")
	address, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	var group sync.WaitGroup
	statuses := make(chan int, 50)
	start := make(chan struct{})
	for i := range 50 {
		p := h.stranger()
		group.Go(func() {
			<-start
			a := p.post(pathOf(address), "site", "https://wheelhouse.example", "email", fmt.Sprintf("p%d@wheelhouse.example", i), "password", sanasPassword)
			statuses <- a.StatusCode
		})
	}
	close(start)
	group.Wait()
	close(statuses)
	got := map[int]int{}
	for s := range statuses {
		got[s]++
	}
	if got[http.StatusSeeOther] != 1 {
		t.Errorf("%d people got in, want 1; all answers: %v", got[http.StatusSeeOther], got)
	}
	if got[http.StatusSeeOther]+got[http.StatusUnprocessableEntity]+got[http.StatusServiceUnavailable] != 50 {
		t.Errorf("answers are %v, want only one success, refusals, and invitations to come back", got)
	}
	apps, err := h.store.ListApps(t.Context())
	h.must(err)
	if len(apps) != 1 {
		t.Errorf("%d apps were made, want 1", len(apps))
	}
	if _, offered, err := h.board.SetupURL(t.Context()); err != nil || offered {
		t.Errorf("another setup link is offered (%v, %v)", offered, err)
	}
}

func TestASetupLinkClosesWhenItIsOldOrReplacedOrUsed(t *testing.T) {
	h := open(t, "")
	first, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	second, _, err := h.board.SetupURL(t.Context())
	h.must(err)
	p := h.stranger()
	p.get(pathOf(first)).is(http.StatusUnprocessableEntity).says("This link is closed")
	p.get(pathOf(second)).is(http.StatusOK)
	p.get(pathOf(second)).is(http.StatusOK) // looking at it does not use it up
	h.clock.advance(25 * time.Hour)
	p.get(pathOf(second)).is(http.StatusUnprocessableEntity)
	p.post(pathOf(second), "site", "https://a.example", "email", sanasEmail, "password", sanasPassword).is(http.StatusUnprocessableEntity)
	p.get("/setup/guess").is(http.StatusUnprocessableEntity)
	p.get("/").is(http.StatusOK).says("no account yet")
}
