// A small stand-in for the server, for looking at the widget alone: Phoenix frames V2 over WebSocket, one
// conversation per topic, everything in memory. Tokens are not verified. `node test/fakeserver.mjs 4400` and open
// http://127.0.0.1:4400/?as=jonas beside ?as=mira; further parameters: mode, theme, locale, role, csp, hostile, width.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { seed } from "./seed.mjs";
import { page } from "./page.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const rooms = new Map();

function room(topic) {
  if (!rooms.has(topic)) rooms.set(topic, { epoch: "e1", rev: 0, messages: [], people: new Map(), sockets: new Set(), mute: false });
  return rooms.get(topic);
}

function head(r) {
  return r.messages.length;
}

function commit(r, event, message) {
  message.rev = ++r.rev;
  broadcast(r, event, message);
}

function broadcast(r, event, payload, except) {
  if (r.mute) return;
  for (const s of r.sockets) if (s !== except) s.tell(event, shownTo(s, payload));
}

function shownTo(s, payload) {
  const secret = payload.hidden && s.me.role !== "moderator";
  return payload.deleted_at || secret ? { ...payload, body: "" } : payload;
}

function post(r, user, clientId, body, extra = {}) {
  const known = r.messages.find((m) => m.client_id === clientId && m.author.id === user.id);
  if (known) return { ...receipt(known), dup: true };
  const seq = head(r) + 1;
  const message = { id: `m${seq}`, seq, rev: 0, client_id: clientId, author: user, kind: "text", body, sent_at: new Date().toISOString(), ...extra };
  r.messages.push(message);
  commit(r, "message", message);
  return { ...receipt(message), dup: false };
}

const receipt = ({ id, seq, rev, sent_at }) => ({ id, seq, rev, sent_at });

function history(r, q, s) {
  const limit = Math.min(q.limit ?? 50, 200);
  if (q.after_rev !== undefined) {
    const changed = r.messages.filter((m) => m.rev > q.after_rev).sort((a, b) => a.rev - b.rev);
    return { messages: changed.slice(0, limit).map((m) => shownTo(s, m)), more: changed.length > limit, rev: r.rev };
  }
  const before = r.messages.filter((m) => m.seq < q.before_seq);
  return { messages: before.slice(-limit).map((m) => shownTo(s, m)), more: before.length > limit };
}

function join(s, r, q) {
  const known = r.people.get(s.user.id);
  s.me = known ?? { user: s.user, role: s.role, banned_until: null, read_seq: head(r), last_seen: null };
  if (!known) {
    r.people.set(s.user.id, s.me);
    broadcast(r, "participant_changed", { ...s.me, rev: ++r.rev });
  }
  if (s.role) s.me.role = s.role;
  r.sockets.add(s);
  const resumes = q.epoch === r.epoch && q.last_rev !== null && q.last_rev <= r.rev;
  const part = resumes ? history(r, { after_rev: q.last_rev, limit: 200 }, s) : { messages: r.messages.slice(-50).map((m) => shownTo(s, m)), more: head(r) > 50 };
  return { epoch: r.epoch, rev: r.rev, oldest_seq: 1, head_seq: head(r), me: s.me, participants: [...r.people.values()], ...part, read_seq: s.me.read_seq, conversation_id: s.topic.slice(13) };
}

const presence = (r) => Object.fromEntries([...r.sockets].map((s) => [s.user.id, { metas: [{ phx_ref: s.user.id, online_at: "" }] }]));

const deeds = {
  new_message(s, r, p) {
    if (Date.parse(s.me.banned_until ?? "") > Date.now()) return refuse("banned", "You are banned from this conversation.");
    if (p.body.includes("forbidden.example")) return refuse("forbidden", "Links to that site are not allowed here.");
    if (r.full) return refuse("storage_unavailable", "Messages cannot be stored right now.", 20_000);
    if (r.silent) return null;
    return ok(post(r, s.user, p.client_id, p.body, { reply_to: p.reply_to }));
  },
  history: (s, r, p) => ok(history(r, p, s)),
  read(s, r, p) {
    s.me.read_seq = Math.max(s.me.read_seq, p.seq);
    broadcast(r, "read", { user_id: s.user.id, seq: s.me.read_seq });
    return ok({});
  },
  typing(s, r) {
    broadcast(r, "typing", { user_id: s.user.id, name: s.user.name }, s);
    return null;
  },
  edit_message(s, r, p) {
    if (p.body.includes("forbidden.example")) return refuse("forbidden", "Links to that site are not allowed here.");
    return change(r, p.id, { body: p.body, edited_at: new Date().toISOString() });
  },
  quotes: (s, r, p) => ok({ quotes: r.messages.filter((m) => p.ids.includes(m.id)).map((m) => ({ id: m.id, seq: m.seq, rev: m.rev, author: m.author, body: m.body, attachments: 0, deleted: false, hidden: false })) }),
  delete_message: (s, r, p) => change(r, p.id, { deleted_at: new Date().toISOString(), reactions: {} }),
  react: (s, r, p) => change(r, p.id, { reactions: without(r, p, s.user.id, [s.user.id]) }),
  unreact: (s, r, p) => change(r, p.id, { reactions: without(r, p, s.user.id, []) }),
  hide_message: (s, r, p) => change(r, p.id, { hidden: true }),
  show_message: (s, r, p) => change(r, p.id, { hidden: false }),
  ban_user: (s, r, p) => ban(r, p.user_id, new Date(Date.now() + Math.min(p.duration_minutes, 52_560_000) * 60_000).toISOString()),
  unban_user: (s, r, p) => ban(r, p.user_id, null),
};

const ok = (response) => ({ status: "ok", response });
const refuse = (reason, message, retry_after_ms) => ({ status: "error", response: { reason, message, retry_after_ms } });

function change(r, id, fields) {
  const message = r.messages.find((m) => m.id === id);
  if (!message) return refuse("not_found", "There is no such message.");
  Object.assign(message, fields);
  commit(r, "message_changed", message);
  return ok({ rev: r.rev });
}

function without(r, { id, emoji }, user, instead) {
  const reactions = r.messages.find((m) => m.id === id).reactions ?? {};
  const users = [...(reactions[emoji] ?? []).filter((u) => u !== user), ...instead];
  const { [emoji]: _, ...others } = reactions;
  return users.length > 0 ? { ...others, [emoji]: users } : others;
}

function ban(r, id, until) {
  const person = r.people.get(id);
  person.banned_until = until;
  broadcast(r, "participant_changed", { ...person, rev: ++r.rev });
  return ok({ rev: r.rev });
}

function claimsOf(request) {
  const bearer = (request.headers["sec-websocket-protocol"] ?? "").split(/, */)[1] ?? "";
  const token = Buffer.from(bearer.replace("base64url.bearer.phx.", ""), "base64").toString();
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "e30", "base64").toString() || "{}");
}

function serve(ws, request) {
  const claims = claimsOf(request);
  const s = { ws, user: { id: claims.sub ?? "guest", name: claims.name ?? "Guest" }, role: claims.role ?? "", topic: "" };
  s.tell = (event, payload) => ws.send(JSON.stringify([null, null, s.topic, event, payload]));
  ws.on("message", (data) => {
    const [joinRef, ref, topic, event, payload] = JSON.parse(data);
    const reply = (answer) => answer && ws.send(JSON.stringify([joinRef, ref, topic, "phx_reply", answer]));
    if (topic === "phoenix") return reply(ok({}));
    s.topic = topic;
    const r = room(topic);
    if (event === "phx_leave") return reply(ok({}));
    if (event !== "phx_join") return reply(deeds[event]?.(s, r, payload) ?? null);
    if (claims.refuse) return reply(refuse("forbidden", "You are not a member of this conversation."));
    reply(ok(join(s, r, payload)));
    s.tell("presence_state", presence(r));
    broadcast(r, "presence_diff", { joins: { [s.user.id]: presence(r)[s.user.id] }, leaves: {} }, s);
  });
  ws.on("close", () => {
    for (const r of rooms.values()) {
      if (!r.sockets.delete(s)) continue;
      s.me.last_seen = new Date().toISOString();
      broadcast(r, "presence_diff", { joins: {}, leaves: { [s.user.id]: { metas: [{ phx_ref: s.user.id }] } } });
    }
  });
}

/** What a test may ask for: /control?topic=conversation:bike&do=post&as=mira&body=…  */
const controls = {
  seed: (r, q) => seed(r, q.get("kind") ?? "bike", Number(q.get("unread") ?? 0)),
  post: (r, q) => post(r, r.people.get(q.get("as"))?.user ?? { id: q.get("as"), name: q.get("as") }, `c${Math.random()}`, q.get("body"), { reply_to: q.get("reply_to") }),
  typing: (r, q) => broadcast(r, "typing", { user_id: q.get("as"), name: r.people.get(q.get("as"))?.user.name ?? "" }),
  read: (r, q) => broadcast(r, "read", { user_id: q.get("as"), seq: head(r) }),
  ban: (r, q) => ban(r, q.get("as"), new Date(Date.now() + 3_600_000).toISOString()),
  set: (r, q) => (r[q.get("what")] = q.get("to") === "true"),
  here: (r, q) => broadcast(r, "presence_diff", { joins: { [q.get("as")]: { metas: [{ phx_ref: "x" }] } }, leaves: {} }),
  drop: (r) => [...r.sockets].forEach((s) => s.ws.terminate()),
  restore: (r) => ((r.epoch = "e2"), (r.messages = r.messages.slice(0, 3)), (r.rev = 3)),
};

let refusing = false;
let renewed = false;
const csp = "default-src 'none'; script-src 'self'; connect-src 'self' ws:; style-src 'self'; require-trusted-types-for 'script'";
const types = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html" };

function web(request, response) {
  const url = new URL(request.url, "http://x");
  const query = url.searchParams;
  if (url.pathname === "/control") {
    if (query.get("do") === "renew") renewed = true;
    else if (query.get("do") === "refuse") refusing = query.get("to") === "true";
    else controls[query.get("do")](room(query.get("topic") ?? "conversation:bike"), query);
    return response.end("done");
  }
  // Another version of the server has parts of other names.
  const part = url.pathname.match(/^\/chunks\/more-[0-9a-f]+\.js$/)?.[0];
  if (url.pathname.startsWith("/socket") || (part && renewed)) return response.writeHead(404).end("{}");
  const files = { "/planga.js": "dist/planga.js", "/host.js": "test/host.js", "/host.css": "test/host.css" };
  const name = part ? `dist${part}` : files[url.pathname];
  const body = name ? readFileSync(here + name) : page(query);
  response.setHeader("content-type", `${types[(name ?? ".html").match(/\.\w+$/)[0]]}; charset=utf-8`);
  response.setHeader("content-security-policy", csp);
  response.end(body);
}

const server = createServer(web);
const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has("phoenix") ? "phoenix" : false) });
server.on("upgrade", (request, socket, rest) => {
  if (refusing) return socket.destroy();
  sockets.handleUpgrade(request, socket, rest, (ws) => serve(ws, request));
});
server.listen(Number(process.argv[2] ?? 4400), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
