import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../conversation";
import { dice, Drawer, Hands } from "./hands";
import { Store, TestWire } from "./store";

/** Ann's page; `reload` opens it anew with what the browser kept. */
function annsPage(seed = 1) {
  const store = new Store("ann", "bob");
  const random = dice(seed);
  const clock = new Hands(random);
  const keeper = new Drawer();
  let ids = 0;
  const page = () => {
    const wire = new TestWire(store, "ann");
    const conversation = new Conversation({ wire, clock, keeper, newId: () => `id-${++ids}` });
    conversation.outbox.open("drawer/");
    const join = () => conversation.join(store.join("ann", conversation.ledger.joinRequest()));
    const tellAll = () => store.outgoing.splice(0).forEach((b) => conversation.receive(b.event, structuredClone(b.payload)));
    return { wire, conversation, join, tellAll };
  };
  return { store, random, clock, keeper, reload: page, ...page() };
}

const bodies = (s: Store) => s.messages.map((m) => m.body);
const waiting = (c: Conversation) => c.outbox.list.map((u) => `${u.state} ${u.body}`);

test("nothing is written to the browser's storage before the first message", async () => {
  const { store, clock, keeper, conversation, join, tellAll } = annsPage();
  store.post("bob", "hello");
  join();
  conversation.markRead();
  conversation.typing();
  tellAll();
  await clock.pass(10_000);
  assert.equal(keeper.writes, 0);
  conversation.send("hello");
  assert.equal(keeper.writes, 1);
  await clock.pass(10);
  assert.equal(keeper.entries.size, 0, "a stored message is not kept in the browser");
});

test("messages go out one at a time, in the order they were written", async () => {
  const { store, clock, wire, conversation, join } = annsPage();
  for (const body of ["one", "two", "three"]) conversation.send(body);
  assert.deepEqual(waiting(conversation), ["waiting one", "waiting two", "waiting three"]);
  join();
  assert.equal(wire.count("new_message"), 1, "the next waits for the answer to the first");
  await clock.pass(10);
  assert.deepEqual(bodies(store), ["one", "two", "three"]);
  assert.deepEqual(waiting(conversation), []);
});

test("an answer lost on the way leads to a repeat, not to a second message", async () => {
  const { store, clock, wire, conversation, join } = annsPage();
  join();
  wire.fates = ["lose"];
  conversation.send("only once");
  conversation.leave();
  join();
  await clock.pass(10);
  assert.equal(wire.count("new_message"), 1, "the join already showed that it is stored");
  assert.deepEqual(bodies(store), ["only once"]);
  assert.deepEqual(waiting(conversation), []);
});

test("a repeat that the server answers with dup is shown once", async () => {
  const { store, clock, wire, conversation, join, tellAll } = annsPage();
  join();
  wire.fates = [{ reason: "timeout" }];
  conversation.send("only once");
  store.post("ann", "only once", "id-1");
  await clock.pass(60_000);
  tellAll();
  assert.deepEqual(conversation.messages.map((m) => m.body), ["only once"]);
  assert.deepEqual(bodies(store), ["only once"]);
});

test("a receipt never overwrites what the server showed since", async () => {
  const { store, clock, wire, conversation, join, tellAll } = annsPage();
  join();
  wire.fates = ["lose"];
  conversation.send("as written");
  store.change(1, { body: "as edited elsewhere", edited_at: "now" });
  tellAll();
  conversation.leave();
  join();
  await clock.pass(1_000);
  assert.deepEqual(conversation.messages.map((m) => m.body), ["as edited elsewhere"]);
});

test("unsent messages survive a reload under the same client ids", async () => {
  const { store, clock, wire, conversation, join, reload } = annsPage();
  join();
  wire.fates = ["lose"];
  conversation.send("perhaps stored");
  conversation.send("surely not");
  const after = reload();
  assert.deepEqual(waiting(after.conversation), ["waiting perhaps stored", "waiting surely not"]);
  after.join();
  await clock.pass(10);
  assert.deepEqual(bodies(store), ["perhaps stored", "surely not"]);
});

test("it is tried for ever, waiting longer each time but never above half a minute", async () => {
  const { store, clock, wire, conversation, join } = annsPage();
  join();
  wire.fates = Array.from({ length: 200 }, () => ({ reason: "internal" }));
  conversation.send("patience");
  const times: number[] = [];
  for (let s = 0; s < 3_600; s++) {
    const before = wire.count("new_message");
    await clock.pass(1_000);
    if (wire.count("new_message") > before) times.push(s);
  }
  assert.ok(times.length > 100, `tried ${times.length} times in an hour`);
  const gaps = times.slice(1).map((t, i) => t - times[i]);
  assert.ok(Math.max(...gaps) <= 31, `longest wait ${Math.max(...gaps)} s`);
  assert.ok(new Set(gaps.slice(8)).size > 5, "the waits differ, so that clients spread");
  await clock.pass(3_600_000);
  assert.deepEqual(bodies(store), ["patience"]);
});

test("the server's word on when to retry is kept, and the visitor may try at once", async () => {
  const { clock, wire, conversation, join } = annsPage();
  join();
  wire.fates = [{ reason: "storage_unavailable", retry_after_ms: 20_000 }];
  conversation.send("later");
  await clock.pass(19_000);
  assert.equal(wire.count("new_message"), 1);
  conversation.outbox.tryNow();
  assert.equal(wire.count("new_message"), 2);
});

test("a refused message stays with its reason and lets the next one pass", async () => {
  const { store, clock, wire, conversation, join, reload } = annsPage();
  join();
  wire.fates = [{ reason: "forbidden", message: "Links are not allowed here." }];
  conversation.send("http://spam.example");
  conversation.send("sorry");
  await clock.pass(10);
  assert.deepEqual(waiting(conversation), ["refused http://spam.example"]);
  assert.equal(conversation.outbox.list[0].refusal?.message, "Links are not allowed here.");
  assert.deepEqual(bodies(store), ["sorry"]);
  const after = reload();
  assert.deepEqual(waiting(after.conversation), ["refused http://spam.example"]);
  assert.equal(after.conversation.outbox.discard("id-1"), "http://spam.example");
  assert.deepEqual(waiting(reload().conversation), []);
});

test("a message that may be stored cannot be discarded", async () => {
  const { clock, wire, conversation, join } = annsPage();
  join();
  wire.fates = [{ reason: "timeout" }];
  conversation.send("perhaps stored");
  assert.equal(conversation.outbox.discard("id-1"), null, "in flight");
  await clock.pass(100);
  assert.equal(conversation.outbox.discard("id-1"), null, "tried without an answer");
});

test("what lies broken in the browser's storage is passed over", () => {
  const { keeper, reload } = annsPage();
  for (const text of ["", "null", "{}", "[]", "{", '{"client_id":5,"body":"x","at":1}']) keeper.entries.set(`drawer/${text}`, text);
  keeper.entries.set("drawer/good", JSON.stringify({ client_id: "good", body: "still here", at: 5 }));
  assert.deepEqual(waiting(reload().conversation), ["waiting still here"]);
});

test("two tabs with the same outbox store each message once", async () => {
  const { store, clock, keeper, conversation, join, reload } = annsPage();
  conversation.send("from the first tab");
  const second = reload();
  join();
  second.join();
  await clock.pass(60_000);
  assert.deepEqual(bodies(store), ["from the first tab"]);
  assert.equal(keeper.entries.size, 0);
});

test("whatever breaks and whenever the page reloads, each message is stored exactly once and in order", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const first = annsPage(seed);
    const { store, random, clock, reload } = first;
    let { wire, conversation, join, tellAll } = first;
    const written: string[] = [];
    for (let step = 0; step < 30; step++) {
      const what = random();
      wire.fates = Array.from({ length: 4 }, () => (["answer", "answer", "lose", { reason: "timeout" }, { reason: "busy" }] as const)[Math.floor(random() * 5)]);
      if (what < 0.5) {
        written.push(`message ${step}`);
        conversation.send(`message ${step}`);
      } else if (what < 0.65) conversation.leave();
      else if (what < 0.8) join();
      else if (what < 0.9) ({ wire, conversation, join, tellAll } = reload());
      else if (what < 0.95) tellAll();
      await clock.pass(random() * 3_000);
      if (random() < 0.5) store.outgoing = [];
    }
    wire.fates = [];
    conversation.leave();
    join();
    await clock.pass(600_000);
    tellAll();
    assert.deepEqual(bodies(store), written, `seed ${seed}`);
    assert.deepEqual(conversation.outbox.list, [], `outbox, seed ${seed}`);
    assert.deepEqual(conversation.messages.map((m) => m.body), written, `log, seed ${seed}`);
  }
});
