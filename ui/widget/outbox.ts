import { backoff, type Clock } from "./clock";
import type { Keeper } from "./keeper";
import { asRefusal, isPassing, type Refusal, type Stored, type Wire } from "./wire";

/**
 * A message that the server has not confirmed. "waiting" for its turn or its next try, "sending", or "refused"
 * for good with the server's sentence. Times are the browser's milliseconds.
 */
export interface Unsent {
  client_id: string;
  body: string;
  /** The id of the message that it answers. */
  reply_to?: string;
  at: number;
  state: "waiting" | "sending" | "refused";
  tries: number;
  retryAt?: number;
  refusal?: Refusal;
}

/** What the outbox needs around it. */
export interface OutboxPorts {
  wire: Wire;
  clock: Clock;
  keeper: Keeper;
  newId(): string;
  /** A message is stored on the server's disk. */
  stored(unsent: Unsent, receipt: Stored): void;
  changed(): void;
}

const firstRetry = 1_000;
const longestRetry = 30_000;

/**
 * Messages on their way, in the order they were written. One at a time is in flight; each is tried for ever with
 * the same client_id, so that the server stores it once however often it arrives. Nothing is written to the
 * browser's storage before the first message.
 */
export class Outbox {
  list: Unsent[] = [];
  private prefix = "";
  private connected = false;
  private flight = 0;
  private stopWait: (() => void) | null = null;

  constructor(private ports: OutboxPorts) {}

  /** Names the drawer in the browser's storage and takes out what an earlier page left there. */
  open(drawer: string): void {
    if (this.prefix === drawer) return;
    this.prefix = drawer;
    const here = new Set(this.list.map((u) => u.client_id));
    const kept = this.ports.keeper.all(drawer).map(parse).filter((u): u is Unsent => u !== null && !here.has(u.client_id));
    for (const unsent of this.list) this.keep(unsent);
    if (kept.length === 0) return;
    this.list = [...kept, ...this.list].sort((a, b) => a.at - b.at);
    this.ports.changed();
    this.next();
  }

  /** Queues a new message and returns it. */
  add(body: string, replyTo?: string): Unsent {
    const newest = this.list.length > 0 ? this.list[this.list.length - 1].at : 0;
    const at = Math.max(this.ports.clock.now(), newest + 1);
    const unsent: Unsent = { client_id: this.ports.newId(), body, reply_to: replyTo, at, state: "waiting", tries: 0 };
    this.list = [...this.list, unsent];
    this.keep(unsent);
    this.ports.changed();
    this.next();
    return unsent;
  }

  /** The conversation is joined: sending may begin. */
  start(): void {
    this.connected = true;
    this.tryNow();
  }

  /** The connection is gone. What was in flight is neither stored nor lost, so it is sent again later. */
  stop(): void {
    this.connected = false;
    this.stopWait?.();
    this.stopWait = null;
    this.list = this.list.map((u) => (u.state === "sending" ? { ...u, state: "waiting" } : u));
    this.ports.changed();
  }

  /** Ends the wait before the next try. */
  tryNow(): void {
    this.stopWait?.();
    this.stopWait = null;
    this.list = this.list.map((u) => (u.retryAt ? { ...u, retryAt: undefined } : u));
    this.ports.changed();
    this.next();
  }

  /** Forgets a refused message and returns its text. Any other may be stored already, so it stays. */
  discard(clientId: string): string | null {
    const unsent = this.list.find((u) => u.client_id === clientId);
    if (unsent?.state !== "refused") return null;
    this.remove(clientId);
    return unsent.body;
  }

  /** The server showed that it has the message, perhaps before it answered. */
  confirm(clientId: string): void {
    if (this.list.some((u) => u.client_id === clientId)) this.remove(clientId);
  }

  private next(): void {
    const unsent = this.list.find((u) => u.state !== "refused");
    if (!this.connected || this.stopWait || !unsent || unsent.state === "sending") return;
    this.send(unsent);
  }

  private send(unsent: Unsent): void {
    const flight = ++this.flight;
    const { client_id, body, reply_to } = unsent;
    this.update(client_id, { state: "sending", tries: unsent.tries + 1, retryAt: undefined });
    this.ports.wire.push<Stored>("new_message", { client_id, body, reply_to }).then(
      (receipt) => {
        if (flight === this.flight) this.arrived(unsent, receipt);
      },
      (answer) => {
        if (flight === this.flight) this.failed(client_id, asRefusal(answer));
      },
    );
  }

  private arrived(unsent: Unsent, receipt: Stored): void {
    this.ports.stored(unsent, receipt);
    this.remove(unsent.client_id);
  }

  private failed(clientId: string, refusal: Refusal): void {
    const unsent = this.list.find((u) => u.client_id === clientId);
    if (unsent && !isPassing(refusal)) this.update(clientId, { state: "refused", refusal });
    if (unsent && isPassing(refusal)) this.wait(unsent, refusal);
    this.next();
  }

  private wait(unsent: Unsent, refusal: Refusal): void {
    const { clock } = this.ports;
    const ms = Math.max(refusal.retry_after_ms ?? 0, backoff(clock, unsent.tries - 1, firstRetry, longestRetry));
    this.update(unsent.client_id, { state: "waiting", refusal, retryAt: clock.now() + ms });
    this.stopWait = clock.after(ms, () => this.tryNow());
  }

  private remove(clientId: string): void {
    const inFlight = this.list.some((u) => u.client_id === clientId && u.state === "sending");
    if (inFlight) this.flight++;
    this.list = this.list.filter((u) => u.client_id !== clientId);
    if (this.prefix) this.ports.keeper.delete(this.prefix + clientId);
    this.ports.changed();
    this.next();
  }

  private update(clientId: string, change: Partial<Unsent>): void {
    this.list = this.list.map((u) => (u.client_id === clientId ? { ...u, ...change } : u));
    const unsent = this.list.find((u) => u.client_id === clientId);
    if (change.state === "refused" && unsent) this.keep(unsent);
    this.ports.changed();
  }

  private keep(unsent: Unsent): void {
    if (!this.prefix) return;
    const { client_id, body, reply_to, at, state, refusal } = unsent;
    const kept = state === "refused" ? { client_id, body, reply_to, at, refusal } : { client_id, body, reply_to, at };
    this.ports.keeper.set(this.prefix + client_id, JSON.stringify(kept));
  }
}

function parse(text: string): Unsent | null {
  try {
    const { client_id, body, reply_to, at, refusal } = JSON.parse(text);
    if (typeof client_id !== "string" || typeof body !== "string" || typeof at !== "number") return null;
    return { client_id, body, reply_to, at, tries: 0, state: refusal ? "refused" : "waiting", refusal };
  } catch {
    return null;
  }
}
