package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// bug is a fault of a server, imitated between it and one client: it changes what the client hears.
type bug struct {
	name string
	who  int    // the client: 0 is a moderator, 2 is none
	want string // how the complaint begins
	make func(*victim) between
}

// victim is the client that a bug befalls, as the bug sees it.
type victim struct {
	topic, other string // of its seats
	struck       bool   // the bug has happened
	heard        int    // events of the topic
	joinRef      string
	joins        int
	chosen       string // a message
}

// event reports whether f tells a change of the victim's first conversation, and counts it.
func (v *victim) event(f frame) bool {
	if f.topic != v.topic || !strings.HasPrefix(f.event, "message") && f.event != "participant_changed" {
		return false
	}
	v.heard++
	return true
}

// joined reports whether f answers a join of the victim's first conversation.
func (v *victim) joined(f frame) bool {
	if f.topic != v.topic || f.event != "phx_reply" || f.joinRef != f.ref || !strings.Contains(string(f.payload), `"epoch"`) {
		return false
	}
	v.joinRef = f.ref
	v.joins++
	return true
}

// rejoin makes the client join again after some events.
func (v *victim) rejoin(f frame) []frame {
	if v.event(f) && v.heard == 30 {
		return []frame{f, {joinRef: v.joinRef, topic: v.topic, event: "phx_error", payload: json.RawMessage(`{}`)}}
	}
	return []frame{f}
}

// object decodes a payload to be changed.
func object(f frame) map[string]any {
	var o map[string]any
	if err := json.Unmarshal(f.payload, &o); err != nil {
		panic(err)
	}
	return o
}

func (f frame) with(o map[string]any) frame {
	f.payload = asJSON(o)
	return f
}

// without takes a message out of a page.
func (v *victim) without(f frame, id string) frame {
	if f.topic != v.topic || f.event != "phx_reply" || !strings.Contains(string(f.payload), id) {
		return f
	}
	o := object(f)
	r, _ := o["response"].(map[string]any)
	var rest []any
	all, _ := r["messages"].([]any)
	for _, m := range all {
		if m.(map[string]any)["id"] != id {
			rest = append(rest, m)
		}
	}
	if len(all) > 0 {
		r["messages"] = rest
	}
	return f.with(o)
}

// loses drops the nth event that fits, and all that is told of its message later.
func loses(kind string, nth int) func(*victim) between {
	return func(v *victim) between {
		count := 0
		return func(f frame) []frame {
			if v.event(f) {
				if f.event == kind && v.chosen == "" {
					if count++; count == nth {
						v.chosen, v.struck = object(f)["id"].(string), true
					}
				}
				if v.chosen != "" && object(f)["id"] == v.chosen {
					return nil
				}
			}
			if v.chosen != "" {
				f = v.without(f, v.chosen)
			}
			return []frame{f}
		}
	}
}

// losesTail drops all events after the first few.
func losesTail(v *victim) between {
	return func(f frame) []frame {
		if v.event(f) && v.heard > 10 || v.struck && f.topic == v.topic && f.event == "head" {
			v.struck = true
			return nil
		}
		return []frame{f}
	}
}

func doubles(v *victim) between {
	return func(f frame) []frame {
		if v.event(f) && v.heard == 10 {
			v.struck = true
			return []frame{f, f}
		}
		return []frame{f}
	}
}

func reorders(v *victim) between {
	var early *frame
	return func(f frame) []frame {
		if !v.event(f) {
			return []frame{f}
		}
		if v.heard == 10 {
			early = &f
			return nil
		}
		if v.heard == 11 {
			v.struck = true
			return []frame{f, *early}
		}
		return []frame{f}
	}
}

// answersStale answers the second join as if nothing had happened since the first.
func answersStale(v *victim) between {
	var first json.RawMessage
	return func(f frame) []frame {
		if v.joined(f) {
			switch v.joins {
			case 1:
				first = f.payload
			case 2:
				f.payload, v.struck = first, true
			}
		}
		return v.rejoin(f)
	}
}

// forgetsMark answers the second join with a mark at the beginning.
func forgetsMark(v *victim) between {
	return func(f frame) []frame {
		if v.joined(f) && v.joins == 2 {
			o := object(f)
			o["response"].(map[string]any)["read_seq"] = 0
			f, v.struck = f.with(o), true
		}
		return v.rejoin(f)
	}
}

// answersRepeats changes a field of every answer to a repeated post.
func answersRepeats(field string, value any) func(*victim) between {
	return func(v *victim) between {
		return func(f frame) []frame {
			if f.event != "phx_reply" || !strings.Contains(string(f.payload), `"dup":true`) {
				return []frame{f}
			}
			o := object(f)
			o["response"].(map[string]any)[field] = value
			v.struck = true
			return []frame{f.with(o)}
		}
	}
}

// leaks tells a message of one conversation in another, under a rev that fits there.
func leaks(v *victim) between {
	var rev any
	return func(f frame) []frame {
		if v.event(f) {
			rev = object(f)["rev"]
		}
		if f.topic == v.other && f.event == "message" && !v.struck && v.heard > 10 {
			o := object(f)
			o["rev"] = rev.(float64) + 1
			leak := f.with(o)
			leak.topic, v.struck = v.topic, true
			return []frame{f, leak}
		}
		return []frame{f}
	}
}

// shows what is hidden to somebody who is no moderator.
func shows(v *victim) between {
	bodies := map[string]any{}
	return func(f frame) []frame {
		if !v.event(f) || f.event == "participant_changed" {
			return []frame{f}
		}
		o := object(f)
		if f.event == "message" {
			bodies[o["id"].(string)] = o["body"]
		} else if body, ok := bodies[o["id"].(string)]; ok && o["hidden"] == true {
			o["body"], v.struck = body, true
			return []frame{f.with(o)}
		}
		return []frame{f}
	}
}

// miscounts tells one unread message more; honest says that its mark agrees with it.
func miscounts(agreeing bool) func(*victim) between {
	return func(v *victim) between {
		return func(f frame) []frame {
			if f.event != "unread" {
				return []frame{f}
			}
			o := object(f)
			if o["read_seq"].(float64) < 1 {
				return []frame{f}
			}
			o["unread"] = o["unread"].(float64) + 1
			if agreeing {
				o["read_seq"] = o["read_seq"].(float64) - 1
			}
			v.struck = true
			return []frame{f.with(o)}
		}
	}
}

var bugs = []bug{
	{"a broadcast is lost, and the healing loses it too", 0, "hole:", loses("message", 5)},
	{"the tail is lost, and the heads with it", 0, "tail:", losesTail},
	{"a broadcast comes twice", 0, "order:", doubles},
	{"two broadcasts change places", 0, "order:", reorders},
	{"a rejoin is answered from long ago", 0, "forgotten:", answersStale},
	{"a repeated post is told another id", 0, "repeat:", answersRepeats("id", "01a20896-0000-7000-8000-000000000000")},
	{"a repeated post is told another seq", 0, "repeat:", answersRepeats("seq", 1_000_000)},
	{"a repeated post is told that it is new", 0, "repeat:", answersRepeats("dup", false)},
	{"a hide is lost, and the healing loses it too", 0, "stale:", loses("message_changed", 1)},
	{"a message is told in another conversation", 0, "foreign:", leaks},
	{"a hidden message is shown to a member", 2, "content:", shows},
	{"an unread count is wrong", 0, "unread:", miscounts(false)},
	{"an unread count agrees with a wrong mark", 0, "unread:", miscounts(true)},
	{"a read mark goes back", 0, "mark:", forgetsMark},
}

func TestTheWitnessCatchesBugsBetweenServerAndClient(t *testing.T) {
	w := quiet(t)
	for i, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			w.witness = newWitness()
			r := w.newRound(i + 1)
			c := r.clients[b.who]
			v := &victim{topic: c.seats[0].topic, other: c.seats[1].topic}
			c.between = b.make(v)
			_, _, err := r.live(t.Context())
			switch {
			case !v.struck:
				t.Fatalf("the bug never happened, and the round ended with %v", err)
			case err == nil:
				t.Fatal("nobody noticed")
			}
			text := err.Error()
			if !strings.Contains(text, c.name) || !strings.Contains(text, ": "+b.want) {
				t.Errorf("got %.400s\nwant a complaint of %s that begins with %s", text, c.name, b.want)
			}
		})
	}
}
