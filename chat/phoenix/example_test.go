package phoenix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/coder/websocket"

	"planga/chat/phoenix"
)

// parrot repeats what it is told.
type parrot struct{}

func (parrot) Connect(context.Context, phoenix.Handshake) (phoenix.Session, error) {
	return parrot{}, nil
}

func (parrot) Join(_ context.Context, ch *phoenix.Channel, _ json.RawMessage) (any, error) {
	if ch.Topic() != "parrot:lobby" {
		return nil, phoenix.UnmatchedTopic
	}
	return nil, nil
}

func (parrot) Push(_ context.Context, _ *phoenix.Channel, _ string, payload json.RawMessage) (any, error) {
	return payload, nil
}

func (parrot) Leave(*phoenix.Channel) {}

func (parrot) Closed(error) {}

// An application with one topic, and what goes over the wire.
func Example() {
	ctx := context.Background()
	endpoint := phoenix.New(parrot{}, phoenix.Options{})
	mux := http.NewServeMux()
	endpoint.Register(mux, "/socket")
	server := httptest.NewServer(mux)
	defer server.Close()
	defer endpoint.Drain(ctx)

	ws, _, err := websocket.Dial(ctx, server.URL+"/socket/websocket?vsn=2.0.0", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ws.CloseNow()
	for _, frame := range []string{
		`["1","1","parrot:lobby","phx_join",{}]`,
		`["1","2","parrot:lobby","say",{"words":"hello"}]`,
	} {
		_ = ws.Write(ctx, websocket.MessageText, []byte(frame))
		_, answer, _ := ws.Read(ctx)
		fmt.Println(string(answer))
	}
	// Output:
	// ["1","1","parrot:lobby","phx_reply",{"status":"ok","response":{}}]
	// ["1","2","parrot:lobby","phx_reply",{"status":"ok","response":{"words":"hello"}}]
}
