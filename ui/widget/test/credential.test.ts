import assert from "node:assert/strict";
import { test } from "node:test";
import { Credential } from "../credential";
import { Hands, settle } from "./hands";

const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ sub: "ann", exp: Math.floor(exp / 1000) })).toString("base64url")}.sig`;

test("a token is renewed a minute and more before it expires, and the next one too", async () => {
  const clock = new Hands();
  const asked: number[] = [];
  let told = 0;
  const start = clock.now();
  const source = () => {
    asked.push(clock.now() - start);
    return jwt(clock.now() + 600_000);
  };
  const credential = new Credential(jwt(start + 600_000), source, clock, () => told++);
  await clock.pass(1_200_000);
  assert.equal(asked.length, 2);
  assert.equal(told, 2);
  for (const [i, at] of asked.entries()) assert.ok(at <= (i + 1) * 540_000 && at > (i + 1) * 500_000, `asked after ${at} ms`);
  credential.stop();
  await clock.pass(1_200_000);
  assert.equal(asked.length, 2, "a stopped credential asks no more");
});

test("a page that gives no token at first is asked again", async () => {
  const clock = new Hands();
  let asked = 0;
  const source = async () => {
    if (++asked < 4) throw new Error("the site is down");
    return jwt(clock.now() + 3_600_000);
  };
  const credential = new Credential(jwt(clock.now() + 120_000), source, clock, () => {});
  await clock.pass(300_000);
  assert.equal(asked, 4);
  assert.ok(credential.claims.exp! * 1000 > clock.now());
});

test("who asks while a token is being fetched gets the same one", async () => {
  const clock = new Hands();
  let asked = 0;
  const credential = new Credential("", () => (asked++, settle().then(() => "fresh")), clock, () => {});
  assert.deepEqual(await Promise.all([credential.renew(), credential.renew()]), [true, true]);
  assert.equal(asked, 1);
  assert.equal(credential.token, "fresh");
});

test("without a way to a token, or with an empty answer, there is none", async () => {
  const clock = new Hands();
  assert.equal(await new Credential("old", null, clock, () => {}).renew(), false);
  assert.equal(await new Credential("old", () => "", clock, () => {}).renew(), false);
  assert.equal(clock.waiting, 0);
});
