import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../outbox";
import { People } from "../people";
import { Revisions } from "../revisions";
import type { Stored } from "../wire";
import { Drawer, Hands, settle } from "./hands";

test("each revision is applied once, however often it comes and whatever the store covers later", () => {
  const revisions = new Revisions();
  const applied: number[] = [];
  const offer = (rev: number) => revisions.offer(rev, () => applied.push(rev));
  for (const rev of [1, 1, 3, 3, 2, 1, 3]) offer(rev);
  revisions.reach(5);
  assert.deepEqual(applied, [1, 2, 3]);
  offer(4);
  offer(6);
  assert.deepEqual(applied, [1, 2, 3, 6]);
});

test("a held change that the store's answer covers is applied all the same, in order", () => {
  const revisions = new Revisions();
  const applied: number[] = [];
  for (const rev of [7, 4, 9, 5]) revisions.offer(rev, () => applied.push(rev));
  assert.equal(revisions.behind, true);
  revisions.reach(8);
  assert.deepEqual(applied, [4, 5, 7, 9]);
  assert.equal(revisions.last, 9);
  assert.equal(revisions.behind, false);
});

test("a late failure of an earlier connection does not set a second message in flight", async () => {
  const answers: { resolve(receipt: Stored): void; reject(refusal: object): void }[] = [];
  const wire = { push: () => new Promise<any>((resolve, reject) => answers.push({ resolve, reject })) };
  const clock = new Hands();
  const outbox = new Outbox({ wire, clock, keeper: new Drawer(), newId: () => "one", stored() {}, changed() {} });
  outbox.start();
  outbox.add("hello");
  outbox.stop();
  outbox.start();
  assert.equal(answers.length, 2);
  answers[0].reject({ reason: "timeout" });
  await clock.pass(60_000);
  assert.equal(answers.length, 2, "the second is still under way");
  answers[1].resolve({ id: "m1", seq: 1, rev: 1, sent_at: "" });
  await settle();
  assert.deepEqual(outbox.list, []);
});

test("a receipt that arrives after the connection went still counts", async () => {
  let answer: (receipt: Stored) => void = () => {};
  const wire = { push: () => new Promise<any>((resolve) => (answer = resolve)) };
  const outbox = new Outbox({ wire, clock: new Hands(), keeper: new Drawer(), newId: () => "one", stored() {}, changed() {} });
  outbox.start();
  outbox.add("hello");
  outbox.stop();
  answer({ id: "m1", seq: 1, rev: 1, sent_at: "" });
  await settle();
  assert.deepEqual(outbox.list, []);
});

test("an older state of a member changes nothing, and a read mark never goes back", () => {
  const people = new People(new Hands(), () => {});
  const bob = { id: "bob", name: "Bob" };
  people.put({ user: bob, role: "moderator", rev: 5, read_seq: 9 });
  people.put({ user: bob, role: "", rev: 4, read_seq: 3 });
  assert.equal(people.find("bob")?.role, "moderator");
  people.put({ user: bob, role: "", rev: 6, read_seq: 3 });
  assert.equal(people.find("bob")?.role, "");
  assert.equal(people.find("bob")?.read_seq, 9);
});

test("somebody is here until the last of their connections has ended", () => {
  const people = new People(new Hands(), () => {});
  const metas = (...refs: string[]) => ({ metas: refs.map((phx_ref) => ({ phx_ref })) });
  people.arePresent({ bob: metas("a"), ann: metas("x") });
  people.came({ bob: metas("b") });
  people.went({ bob: metas("a") });
  assert.equal(people.isHere("bob"), true);
  people.went({ bob: metas("b"), eve: metas("e") });
  assert.equal(people.isHere("bob"), false);
  people.arePresent({ bob: metas("c") });
  assert.deepEqual([people.isHere("bob"), people.isHere("ann")], [true, false]);
});
