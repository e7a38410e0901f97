import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../conversation";
import { dice, Drawer, Hands } from "./hands";
import { Store, TestWire, type Broadcast } from "./store";

/** Ann's conversation with Bob, on a store and a clock that the test holds in its hands. */
function annAndBob(seed = 1) {
  const store = new Store("ann", "bob");
  const random = dice(seed);
  const clock = new Hands(random);
  const wire = new TestWire(store, "ann");
  const keeper = new Drawer();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const conversation = new Conversation({ wire, clock, keeper, newId });
  const join = () => conversation.join(store.join("ann", conversation.ledger.joinRequest()));
  const tell = (b: Broadcast) => conversation.receive(b.event, structuredClone(b.payload));
  const tellAll = () => store.outgoing.splice(0).forEach(tell);
  return { store, random, clock, wire, keeper, conversation, join, tell, tellAll, newId };
}

const shown = (c: Conversation) => c.messages.map((m) => `${m.seq}:${m.body}${m.deleted_at ? " gone" : ""}`);
const kept = (s: Store, from = 1) => s.messages.filter((m) => m.seq >= from).map((m) => `${m.seq}:${m.body}${m.deleted_at ? " gone" : ""}`);

test("the next revision is applied, an earlier one dropped, a later one held and what is missing fetched", async () => {
  const { store, clock, wire, conversation, join, tell } = annAndBob();
  join();
  for (const body of ["one", "two", "three"]) store.post("bob", body);
  const [one, two, three] = store.outgoing;
  tell(one);
  tell(one);
  tell(three);
  assert.deepEqual(shown(conversation), ["1:one"], "three waits for two");
  tell(two);
  assert.deepEqual(shown(conversation), ["1:one", "2:two", "3:three"]);
  await clock.pass(1_000);
  assert.equal(wire.count("history"), 0, "nothing was missing after all, so nothing is asked for");
});

test("a lost last message is noticed by the head and fetched", async () => {
  const { store, clock, conversation, join } = annAndBob();
  join();
  store.post("bob", "lost on the way");
  conversation.receive("head", { rev: store.rev, head_seq: 1 });
  await clock.pass(1_000);
  assert.deepEqual(shown(conversation), ["1:lost on the way"]);
});

test("any order of broadcasts, doubled, delayed or lost, ends with what the store has", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { store, random, clock, conversation, join, tell } = annAndBob(seed);
    store.pageLimit = 1 + Math.floor(random() * 4);
    for (let i = Math.floor(random() * 4); i > 0; i--) store.post("bob", `before ${i}`);
    join();
    store.outgoing = [];
    const late: Broadcast[] = [];
    for (let step = 0; step < 40; step++) {
      const seq = 1 + Math.floor(random() * store.messages.length);
      const what = random();
      if (what < 0.4 || store.messages.length === 0) store.post(random() < 0.5 ? "bob" : "ann", `message ${step}`);
      else if (what < 0.6) store.change(seq, { body: `edited ${step}`, edited_at: "now" });
      else if (what < 0.7) store.change(seq, { body: "", deleted_at: "now" });
      else if (what < 0.8) store.changePerson("bob", { role: random() < 0.5 ? "moderator" : "" });
      else if (what < 0.85) {
        conversation.leave();
        late.length = 0;
        store.outgoing = [];
        join();
      } else if (what < 0.88) {
        conversation.leave();
        late.length = 0;
        store.restore(Math.floor(random() * store.messages.length));
        join();
      }
      for (const b of store.outgoing.splice(0)) {
        const fate = random();
        if (fate < 0.5) tell(b);
        if (fate > 0.4 && fate < 0.8) late.splice(Math.floor(random() * (late.length + 1)), 0, b);
      }
      while (late.length > 0 && random() < 0.4) tell(late.shift()!);
      if (random() < 0.3) await clock.pass(random() * 500);
    }
    for (const b of late) tell(b);
    conversation.receive("head", { rev: store.rev, head_seq: store.messages.length });
    await clock.pass(120_000);
    assert.deepEqual(shown(conversation), kept(store, conversation.ledger.messages.low), `seed ${seed}`);
    assert.equal(conversation.people.find("bob")?.role, store.people.get("bob")?.role, `bob's role, seed ${seed}`);
  }
});

test("a history from before a restore is forgotten, and what is unsent is not", async () => {
  const { store, clock, conversation, join, wire } = annAndBob();
  for (let i = 1; i <= 5; i++) store.post("bob", `message ${i}`);
  join();
  conversation.leave();
  wire.connected = false;
  conversation.send("written meanwhile");
  store.restore(2);
  wire.connected = true;
  join();
  await clock.pass(1_000);
  assert.deepEqual(shown(conversation), ["1:message 1", "2:message 2", "3:written meanwhile"]);
});

test("a rejoin after a long absence brings every change, page by page", async () => {
  const { store, clock, conversation, join } = annAndBob();
  store.post("bob", "the first");
  join();
  conversation.leave();
  store.pageLimit = 7;
  for (let i = 0; i < 50; i++) store.post("bob", `while away ${i}`);
  store.change(1, { body: "edited while away" });
  join();
  await clock.pass(10_000);
  assert.deepEqual(shown(conversation), kept(store));
});

test("after a very long absence one begins with the newest page, and the rest is there for scrolling", async () => {
  const { store, clock, wire, conversation, join, tellAll } = annAndBob();
  store.post("bob", "the first");
  join();
  conversation.leave();
  store.people.get("ann")!.read_seq = 1;
  for (let i = 0; i < 1_000; i++) store.post("bob", `while away ${i}`);
  join();
  tellAll();
  await clock.pass(10_000);
  assert.deepEqual(shown(conversation), kept(store, 952));
  assert.equal(wire.count("history"), 1);
  assert.equal(conversation.unread.divider?.after, 1);
  while (conversation.ledger.hasOlder) await conversation.ledger.loadOlder();
  assert.deepEqual(shown(conversation), kept(store));
});

test("changes of messages that are not loaded do not tear a hole into the log", async () => {
  const { store, clock, conversation, join, tellAll } = annAndBob();
  for (let i = 1; i <= 120; i++) store.post("bob", `message ${i}`);
  store.outgoing = [];
  join();
  store.change(3, { body: "edited far above" });
  tellAll();
  assert.deepEqual(shown(conversation), kept(store, 71));
  await conversation.ledger.loadOlder();
  assert.deepEqual(shown(conversation), kept(store, 21));
  await conversation.ledger.loadOlder();
  assert.deepEqual(shown(conversation), kept(store));
  assert.equal(conversation.ledger.hasOlder, false);
  await clock.pass(1_000);
});

test("a change told while the page with its message is on its way is not lost", async () => {
  const { store, clock, conversation, join, tellAll } = annAndBob();
  for (let i = 1; i <= 80; i++) store.post("bob", `message ${i}`);
  store.outgoing = [];
  join();
  const asked = conversation.ledger.loadOlder();
  store.change(20, { body: "edited meanwhile" });
  tellAll();
  await asked;
  assert.deepEqual(shown(conversation), kept(store));
  await clock.pass(1_000);
});

test("what retention removed disappears, and is not asked for again", () => {
  const { store, conversation, join } = annAndBob();
  for (let i = 1; i <= 5; i++) store.post("bob", `message ${i}`);
  join();
  conversation.leave();
  conversation.join({ ...store.join("ann", conversation.ledger.joinRequest()), oldest_seq: 4 });
  assert.deepEqual(shown(conversation), ["4:message 4", "5:message 5"]);
  assert.equal(conversation.ledger.hasOlder, false);
});

test("answers that were under way when the connection went do not count", async () => {
  const { store, clock, conversation, join } = annAndBob();
  for (let i = 1; i <= 60; i++) store.post("bob", `message ${i}`);
  join();
  const asked = conversation.ledger.loadOlder();
  conversation.leave();
  store.restore(0);
  join();
  await asked;
  await clock.pass(1_000);
  assert.deepEqual(shown(conversation), []);
});

test("the unread line stands before what one has not seen, and goes when one writes", () => {
  const { store, conversation, join, tellAll } = annAndBob();
  for (let i = 1; i <= 3; i++) store.post("bob", `message ${i}`);
  store.people.get("ann")!.read_seq = 1;
  store.outgoing = [];
  join();
  const count = () => conversation.unread.announced(conversation.messages, "ann");
  assert.equal(conversation.unread.divider?.after, 1);
  assert.equal(count(), 2);
  conversation.unread.watch(true);
  conversation.markRead();
  store.post("bob", "seen as it comes");
  tellAll();
  assert.equal(count(), 2, "what one sees arriving is not new");
  conversation.send("an answer");
  assert.equal(count(), 0);
});

test("what arrives while nobody looks is counted until it is seen", () => {
  const { store, wire, conversation, join, tellAll } = annAndBob();
  join();
  conversation.unread.watch(false);
  store.post("bob", "one");
  store.post("bob", "two");
  tellAll();
  assert.equal(conversation.unreadCount, 2);
  assert.equal(conversation.unread.divider?.after, 0);
  conversation.markRead();
  conversation.markRead();
  assert.equal(conversation.unreadCount, 0);
  assert.deepEqual(wire.asked.filter((a) => a.event === "read"), [{ event: "read", payload: { seq: 2 } }]);
});

test("reading in another tab counts here too", () => {
  const { store, conversation, join, tellAll } = annAndBob();
  join();
  store.post("bob", "one");
  tellAll();
  conversation.receive("read", { user_id: "ann", seq: 1 });
  assert.equal(conversation.unreadCount, 0);
});

test("read marks of others never go back", () => {
  const { store, conversation, join } = annAndBob();
  store.post("ann", "one");
  store.post("ann", "two");
  join();
  conversation.receive("read", { user_id: "bob", seq: 2 });
  conversation.receive("read", { user_id: "bob", seq: 1 });
  assert.equal(conversation.people.readers(2), 1);
});

test("typing ends after five seconds, and at once when the message comes", async () => {
  const { store, clock, conversation, join, tellAll } = annAndBob();
  join();
  const typing = () => conversation.people.typing.map((t) => t.name);
  conversation.receive("typing", { user_id: "bob", name: "bob" });
  conversation.receive("typing", { user_id: "ann", name: "ann" });
  assert.deepEqual(typing(), ["bob"], "one's own other tab is not shown");
  await clock.pass(4_000);
  conversation.receive("typing", { user_id: "bob", name: "bob" });
  await clock.pass(4_000);
  assert.deepEqual(typing(), ["bob"]);
  await clock.pass(1_001);
  assert.deepEqual(typing(), []);
  conversation.receive("typing", { user_id: "bob", name: "bob" });
  store.post("bob", "there it is");
  tellAll();
  assert.deepEqual(typing(), []);
});

test("one tells that one types at most every three seconds", async () => {
  const { clock, wire, conversation, join } = annAndBob();
  join();
  for (let i = 0; i < 10; i++) {
    conversation.typing();
    await clock.pass(1_000);
  }
  assert.equal(wire.count("typing"), 4);
});

test("payloads that are not understood change nothing", () => {
  const { conversation, join } = annAndBob();
  join();
  for (const payload of [null, undefined, 5, "text", [], {}, { rev: "7" }, { rev: 2.5 }, { rev: -1 }])
    for (const event of ["message", "message_changed", "participant_changed", "read", "typing", "head", "other"]) conversation.receive(event, payload);
  assert.deepEqual(shown(conversation), []);
});

test("an answer names what it answers at once, on the wire and when an earlier page left it", async () => {
  const { store, wire, clock, conversation, keeper, join } = annAndBob();
  conversation.outbox.open("drawer/");
  join();
  store.post("bob", "Is it red?");
  wire.fates = ["lose"];
  conversation.send("It is.", store.messages[0].id);
  assert.equal(conversation.outbox.list[0].reply_to, store.messages[0].id);
  assert.equal(wire.asked.find((a) => a.event === "new_message")?.payload.reply_to, store.messages[0].id);
  const later = new Conversation({ wire, clock, keeper, newId: () => "another" });
  later.outbox.open("drawer/");
  assert.equal(later.outbox.list[0].reply_to, store.messages[0].id);
});

test("only one's own message that is there and younger than a day is one's to change", () => {
  const { store, clock, conversation, join } = annAndBob();
  const sent_at = (ago: number) => new Date(clock.now() - ago).toISOString();
  for (const author of ["ann", "bob", "ann", "ann"]) store.post(author, "hello");
  store.change(1, { sent_at: sent_at(1_000) });
  store.change(2, { sent_at: sent_at(1_000) });
  store.change(3, { sent_at: sent_at(86_400_001) });
  store.change(4, { sent_at: sent_at(1_000), deleted_at: sent_at(0) });
  join();
  assert.deepEqual(conversation.messages.map((m) => conversation.isMineToChange(m)), [true, false, false, false]);
});
