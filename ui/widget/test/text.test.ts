import assert from "node:assert/strict";
import { test } from "node:test";
import { readClaims } from "../credential";
import { pieces } from "../links";
import { rowsOf, type Row } from "../rows";
import { completed, serverOf, socketAt } from "../settings";
import { names, Words } from "../words";
import type { Message } from "../wire";

const links = (text: string) => pieces(text).filter((p) => p.href).map((p) => p.href);

test("web addresses become links and nothing else does", () => {
  const cases: [string, string[]][] = [
    ["see https://a.example/x, please", ["https://a.example/x"]],
    ["(https://en.example/wiki/A_(b)) end", ["https://en.example/wiki/A_(b)"]],
    ["www.a.example.", ["https://www.a.example/"]],
    ["javascript:alert(1) data:text/html,x file:///etc/passwd", []],
    ["https://", []],
    ['https://a.example/"onmouseover="x', ["https://a.example/"]],
    ["https://a.example/\u202egnp.exe", ["https://a.example/"]],
    ["xhttps://a.example", []],
    ["https://a.example https://b.example!", ["https://a.example/", "https://b.example/"]],
  ];
  for (const [text, want] of cases) assert.deepEqual(links(text), want, text);
});

test("the pieces of a text are the text", () => {
  for (const text of ["", "plain", "a https://x.example b", "https://x.example", "((https://x.example)))", "www.x.example,www.y.example"])
    assert.equal(pieces(text).map((p) => p.text).join(""), text);
});

test("a hostile text is cut like any other", () => {
  assert.deepEqual(links("https://a.example/" + ")".repeat(4_000)), ["https://a.example/"]);
  assert.deepEqual(links("https://a.example/" + ".!)]".repeat(1_000)), ["https://a.example/"]);
  assert.deepEqual(links("https://" + "(".repeat(4_000)), []);
  assert.equal(links("www.".repeat(1_000)).length, 1);
});

const at = (minute: number) => new Date(1_700_000_000_000 + minute * 60_000).toISOString();
const say = (seq: number, author: string, minute: number, extra = {}): Message =>
  ({ id: `m${seq}`, seq, rev: seq, author: { id: author, name: author }, kind: "text", body: `${seq}`, sent_at: at(minute), ...extra });
const draw = (messages: Message[], dividerAfter = 0, dividerCount = 0) =>
  rowsOf({ messages, unsent: [], me: { id: "ann", name: "ann" }, dividerAfter, dividerCount, dayOf: (t) => new Date(t).toISOString().slice(0, 10) })
    .map((row: Row) => (row.kind === "group" ? `${row.author.id} ${row.items.map((i) => i.message?.seq).join(" ")}` : row.kind));

test("messages of one author within five minutes stand together", () => {
  assert.deepEqual(draw([say(1, "bob", 0), say(2, "bob", 4), say(3, "bob", 10), say(4, "ann", 10), say(5, "bob", 11)]), ["day", "bob 1 2", "bob 3", "ann 4", "bob 5"]);
});

test("a new day, a system message and the unread line part a group", () => {
  assert.deepEqual(draw([say(1, "bob", 0), say(2, "bob", 1, { kind: "system" }), say(3, "bob", 2), say(4, "bob", 3)], 3, 1), ["day", "bob 1", "system", "bob 3", "unread", "bob 4"]);
  assert.deepEqual(draw([say(1, "bob", 0), say(2, "bob", 1440)]), ["day", "bob 1", "day", "bob 2"]);
});

test("the unread line stands before a message of somebody else, never before one's own", () => {
  assert.deepEqual(draw([say(1, "bob", 0), say(2, "ann", 1), say(3, "bob", 2)], 1, 1), ["day", "bob 1", "ann 2", "unread", "bob 3"]);
});

const place = { protocol: "https:", host: "shop.example", hostname: "shop.example" };
const plain = { protocol: "http:", host: "localhost:3000", hostname: "localhost" };

test("the socket's address follows from the host", () => {
  assert.equal(socketAt("https://chat.example.com", place), "wss://chat.example.com/socket");
  assert.equal(socketAt("chat.example.com", place), "wss://chat.example.com/socket");
  assert.equal(socketAt("https://chat.example.com/planga/", place), "wss://chat.example.com/planga/socket");
  assert.equal(socketAt("http://127.0.0.1:4000", plain), "ws://127.0.0.1:4000/socket");
  assert.equal(serverOf("https://chat.example.com/planga.js?v=2"), "https://chat.example.com");
  assert.equal(serverOf("https://chat.example.com/js/js_snippet.js"), "https://chat.example.com");
  assert.equal(serverOf("https://x.example/under/planga.js"), "https://x.example/under");
});

test("options of 2018 are understood", () => {
  const options = { public_api_id: "pk", encrypted_options: "eyJ.é", socket_location: "//chat.example.com/socket", debug: true };
  const settings = completed(options, "", place);
  assert.equal(settings.socket, "wss://chat.example.com/socket");
  assert.equal(settings.conversation, "*");
  assert.deepEqual(settings.query, { public_api_id: "cGs=", config: Buffer.from("eyJ.é").toString("base64") });
  assert.equal(completed({ ...options, socket_location: "/socket" }, "", plain).socket, "ws://localhost:3000/socket");
  assert.equal(completed({ ...options, socket_location: "//chat.example.com/socket" }, "", plain).socket, "wss://chat.example.com/socket");
  assert.equal(completed({ ...options, socket_location: undefined }, "https://chat.example.com", place).socket, "wss://chat.example.com/socket");
});

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;

test("what is missing in the options is said in a sentence", () => {
  const host = "https://chat.example.com";
  assert.throws(() => completed({ host, conversation: "a" }, "", place), /needs a token/);
  assert.throws(() => completed({ host, token: jwt({}) }, "", place), /conversation/);
  assert.throws(() => completed({ token: jwt({}), conversation: "a" }, "", place), /address of its server/);
  assert.equal(completed({ host, token: jwt({ conversation_id: "bike" }) }, "", place).conversation, "bike");
  assert.equal(completed({ host, token: jwt({ conversation_id: ["bike"] }) }, "", place).conversation, "bike");
  assert.throws(() => completed({ host, token: jwt({ conversation_id: ["a", "b"] }) }, "", place), /conversation/);
});

test("claims are read from a token, and nothing from what is none", () => {
  assert.deepEqual(readClaims(jwt({ sub: "u-é", exp: 5 })), { sub: "u-é", exp: 5 });
  for (const token of ["", "a", "a.b", "a.b.c", "..", "a.bnVsbA.c"]) assert.deepEqual(readClaims(token), {}, token);
});

test("days and names read as a person would say them", () => {
  const words = new Words("en-GB");
  const now = new Date(2026, 10, 23, 12).getTime();
  const before = (days: number) => new Date(2026, 10, 23 - days, 23).getTime();
  assert.equal(words.day(before(0), now), "Today");
  assert.equal(words.day(before(1), now), "Yesterday");
  assert.equal(words.day(before(3), now), "Friday");
  assert.equal(words.day(before(20), now), "Tue 3 November");
  assert.equal(words.day(before(400), now), "19 October 2025");
  assert.equal(new Words("not a locale").day(now, now), "Today");
  const people = ["Mira Okafor", "Tom B.", "Sana Kaya", "Li"].map((name) => ({ user: { id: name, name } }));
  assert.equal(names(people.slice(0, 1)), "Mira Okafor");
  assert.equal(names(people.slice(0, 2)), "Mira and Tom");
  assert.equal(names(people.slice(0, 3)), "Mira, Tom and Sana");
  assert.equal(names(people), "Mira, Tom and 2 others");
});
