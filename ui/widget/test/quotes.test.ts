import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../conversation";
import { Quotes } from "../more/quotes";
import { Signal } from "../signal";
import { dice, Drawer, Hands } from "./hands";
import { Store, TestWire } from "./store";

function quotesOfAnn() {
  const store = new Store("ann", "bob");
  for (let i = 1; i <= 60; i++) store.post("bob", `number ${i}`);
  const clock = new Hands(dice(1));
  const wire = new TestWire(store, "ann");
  const conversation = new Conversation({ wire, clock, keeper: new Drawer(), newId: () => "id" });
  store.outgoing = [];
  conversation.join(store.join("ann", conversation.ledger.joinRequest()));
  const quotes = new Quotes({ conversation, changes: new Signal() });
  const asked = () => wire.asked.filter((a) => a.event === "quotes").map((a) => a.payload.ids.length);
  return { store, wire, clock, conversation, quotes, asked, id: (seq: number) => store.messages[seq - 1].id };
}

test("a loaded message is quoted as it is, others are asked for together and once", async () => {
  const { clock, quotes, asked, id } = quotesOfAnn();
  assert.equal(quotes.find(id(60))?.body, "number 60");
  assert.equal(quotes.find(id(1)), undefined);
  assert.equal(quotes.find(id(2)), undefined);
  await clock.pass(1);
  assert.equal(quotes.find(id(1))?.body, "number 1");
  assert.equal(quotes.find("nobody's"), undefined);
  await clock.pass(1);
  assert.equal(quotes.find("nobody's"), null);
  assert.deepEqual(asked(), [2, 1]);
});

test("a quote that the server did not answer is asked for again, and one that changed is shown anew", async () => {
  const { store, wire, clock, conversation, quotes, asked, id } = quotesOfAnn();
  wire.fates = [{ reason: "timeout" }];
  quotes.find(id(1));
  await clock.pass(1);
  assert.equal(quotes.find(id(1)), undefined, "not told to be gone");
  await clock.pass(1);
  assert.equal(quotes.find(id(1))?.body, "number 1");
  assert.deepEqual(asked(), [1, 1]);
  store.change(1, { body: "another" });
  for (const { event, payload } of store.outgoing) conversation.receive(event, payload);
  assert.equal(quotes.find(id(1))?.body, "another");
});
