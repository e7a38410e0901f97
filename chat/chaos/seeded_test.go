package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// bug is a fault of a server, imitated between it and one client: it changes what the client hears.
type bug struct {
	name string
	who  int    // the client: 0 is a moderator, 2 is none
	want string // the word with which the complaint begins, or several
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

// miscounts tells one unread message more, whenever it tells of unread messages; agreeing lets the mark agree with it.
func miscounts(agreeing bool) func(*victim) between {
	return func(v *victim) between {
		wrong := func(line map[string]any) {
			if line["read_seq"].(float64) < 1 {
				return
			}
			line["unread"] = line["unread"].(float64) + 1
			if agreeing {
				line["read_seq"] = line["read_seq"].(float64) - 1
			}
			v.struck = true
		}
		return func(f frame) []frame {
			switch {
			case f.event == "unread":
				o := object(f)
				wrong(o)
				f = f.with(o)
			case f.event == "phx_reply" && strings.HasPrefix(f.topic, "user:"):
				o := object(f)
				for _, line := range o["response"].(map[string]any)["inbox"].([]any) {
					wrong(line.(map[string]any))
				}
				f = f.with(o)
			}
			return []frame{f}
		}
	}
}

var bugs = []bug{
	{"a broadcast is lost, and the healing loses it too", 0, "hole", loses("message", 5)},
	{"the tail is lost, and the heads with it", 0, "tail", losesTail},
	{"a broadcast comes twice", 0, "order", doubles},
	{"two broadcasts change places", 0, "order", reorders},
	{"a rejoin is answered from long ago", 0, "forgotten", answersStale},
	{"a repeated post is told another id", 0, "repeat", answersRepeats("id", "01a20896-0000-7000-8000-000000000000")},
	{"a repeated post is told another seq", 0, "repeat", answersRepeats("seq", 1_000_000)},
	{"a repeated post is told that it is new", 0, "repeat", answersRepeats("dup", false)},
	{"a hide is lost, and the healing loses it too", 0, "stale", loses("message_changed", 1)},
	{"a message is told in another conversation", 0, "foreign", leaks},
	{"a hidden message is shown to a member", 2, "content", shows},
	{"an unread count is wrong", 0, "unread", miscounts(false)},
	{"an unread count agrees with a wrong mark", 0, "mark|unread", miscounts(true)},
	{"a read mark goes back", 0, "mark", forgetsMark},
}

func TestTheWitnessCatchesBugsBetweenServerAndClient(t *testing.T) {
	w := quiet(t)
	w.noticing = time.Second
	for _, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			c, err := w.befall(t, b)
			if err == nil {
				t.Fatal("nobody noticed")
			}
			complaint := regexp.MustCompile(regexp.QuoteMeta(c.name) + ` in conversation \S+ \S+ (` + b.want + `):`)
			if !complaint.MatchString(err.Error()) {
				t.Errorf("got %.400s\nwant a complaint of %s that begins with %s", err, c.name, b.want)
			}
		})
	}
}

// befall lets rounds go by until the bug has befallen somebody, and returns whom, and how that round ended.
func (w *world) befall(t *testing.T, b bug) (*client, error) {
	t.Helper()
	for range 10 {
		w.witness = newWitness()
		w.rounds++
		r := w.newRound(w.rounds)
		c := r.clients[b.who]
		v := &victim{topic: c.seats[0].topic, other: c.seats[1].topic}
		c.between, c.pages = b.make(v), []int{200} // so that no page is emptied by a bug
		if _, _, err := r.live(t.Context()); v.struck {
			return c, err
		}
	}
	t.Fatal("the bug never happened")
	return nil, nil
}
