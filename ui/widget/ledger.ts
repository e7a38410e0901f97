import { backoff, type Clock } from "./clock";
import { Messages } from "./messages";
import { Revisions } from "./revisions";
import { asRefusal, isCount, type Joined, type JoinRequest, type Message, type Page, type Participant, type Wire } from "./wire";

/** What the ledger needs around it. */
export interface LedgerPorts {
  wire: Wire;
  clock: Clock;
  /** A new or newer copy of a message was taken; `fresh` says that it was not here before and is not history. */
  took(message: Message, fresh: boolean): void;
  /** A member's state came with a page of changes. */
  tookMember(participant: Participant): void;
  changed(): void;
}

const pageSize = 50;
const changesSize = 200;
/** Who missed more messages than this begins with the newest page again, and has the rest when scrolling there. */
const farAway = 500;

/**
 * What was said, kept complete: applies changes in the order of their revision, fetches those that are missing,
 * begins anew when the server's history is another one, and fetches earlier pages.
 */
export class Ledger {
  readonly messages = new Messages();
  /** Whether a join was ever answered. */
  opened = false;
  loadingOlder = false;
  private epoch: string | number | null = null;
  private revisions = new Revisions();
  private oldest = 1;
  private joined = false;
  private turn = 0;
  private tries = 0;
  private asking = false;

  constructor(private ports: LedgerPorts) {}

  /** Whether there are earlier messages than the loaded ones. */
  get hasOlder(): boolean {
    return this.opened && this.messages.low > Math.max(1, this.oldest);
  }

  /** What to ask for when joining: everything since the last revision, or the newest page. */
  joinRequest(): JoinRequest {
    if (!this.opened) return { last_rev: null, epoch: null, limit: pageSize };
    return { last_rev: this.revisions.last, epoch: this.epoch, limit: changesSize };
  }

  /** Takes the answer to a join; true says that the conversation continues, false that it was begun anew. */
  join(answer: Joined): boolean {
    const known = this.opened && answer.epoch === this.epoch && answer.rev >= this.revisions.last;
    const far = answer.more && answer.head_seq - this.messages.high > farAway;
    const continues = known && !far;
    this.turn++;
    this.joined = true;
    this.asking = false;
    this.oldest = answer.oldest_seq ?? 1;
    if (continues) this.resume(answer);
    else this.begin(known ? { ...answer, messages: [] } : answer);
    if (known && far) void this.loadOlder();
    this.catchUp();
    return continues;
  }

  /** The server cannot be asked any more; answers that are under way no longer count. */
  leave(): void {
    this.turn++;
    this.joined = false;
    this.asking = false;
    this.loadingOlder = false;
  }

  /** Takes one broadcast change; one without a revision cannot be missed, so it is applied as it comes. */
  offer(rev: number | undefined, apply: () => void): void {
    if (isCount(rev)) this.revisions.offer(rev, apply);
    else apply();
    this.catchUpSoon();
  }

  /** Takes a broadcast message. */
  offerMessage(message: Message, fresh: boolean): void {
    this.offer(message.rev, () => this.take(message, fresh));
  }

  /** The server says how far it is. */
  sawHead(rev: number): void {
    this.revisions.sawHead(rev);
    this.catchUpSoon();
  }

  /** Fetches the page before the loaded messages; does nothing while one is on its way. */
  async loadOlder(): Promise<void> {
    if (!this.joined || this.loadingOlder || !this.hasOlder) return;
    const turn = this.turn;
    this.loadingOlder = true;
    this.messages.asking();
    this.ports.changed();
    const page = await this.history({ before_seq: this.messages.low, limit: pageSize }).catch(() => null);
    if (turn !== this.turn) return;
    this.loadingOlder = false;
    if (page) this.messages.prepend(page.messages);
    if (page && (page.messages.length === 0 || !page.more)) this.oldest = this.messages.low;
    this.ports.changed();
  }

  private history(query: object): Promise<Page> {
    return this.ports.wire.push<Page>("history", query);
  }

  private begin(answer: Joined): void {
    const messages = answer.messages ?? [];
    this.epoch = answer.epoch;
    this.opened = true;
    this.revisions.reset(answer.rev);
    this.messages.reset(messages.length > 0 ? Math.min(...messages.map((m) => m.seq)) : answer.head_seq + 1);
    for (const message of messages) this.take(message, false);
  }

  private resume(answer: Joined): void {
    this.messages.forgetBefore(this.oldest);
    this.revisions.sawHead(answer.rev);
    this.takePage(answer, answer.rev);
  }

  private take(message: Message, fresh: boolean): void {
    const wasHere = this.messages.has(message.id);
    if (this.messages.put(message)) this.ports.took(message, fresh && !wasHere);
  }

  /** Waits a moment before asking for what is missing, as it may only have been overtaken. */
  private catchUpSoon(): void {
    if (this.asking || !this.joined || !this.revisions.behind) return;
    this.later(100 + this.ports.clock.random() * 200);
  }

  private later(ms: number): void {
    const turn = this.turn;
    this.asking = true;
    this.ports.clock.after(ms, () => {
      if (turn !== this.turn) return;
      this.asking = false;
      this.catchUp();
    });
  }

  private async catchUp(): Promise<void> {
    if (this.asking || !this.joined || !this.revisions.behind) return;
    const turn = this.turn;
    const head = this.revisions.known;
    const before = this.revisions.last;
    this.asking = true;
    const page = await this.history({ after_rev: before, limit: changesSize }).catch(asRefusal);
    if (turn !== this.turn) return;
    if ("messages" in page) this.takePage(page, head);
    this.tries = this.revisions.last > before ? 0 : this.tries + 1;
    const asked = "messages" in page ? 0 : (page.retry_after_ms ?? 0);
    this.later(this.tries === 0 ? 0 : Math.max(asked, backoff(this.ports.clock, this.tries, 500, 30_000)));
    this.ports.changed();
  }

  /** Applies a page of changes. The last page covers every revision that was known when it was asked for. */
  private takePage(page: Page | Joined, head: number): void {
    for (const participant of page.participants ?? []) this.ports.tookMember(participant);
    for (const message of page.messages ?? []) this.take(message, true);
    const last = (page.messages ?? []).reduce((rev, m) => Math.max(rev, m.rev), this.revisions.last);
    this.revisions.reach(page.more ? last : Math.max(head, last, page.rev ?? 0));
  }
}
