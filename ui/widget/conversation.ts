import type { Clock } from "./clock";
import type { Keeper } from "./keeper";
import { Ledger } from "./ledger";
import { Outbox, type Unsent } from "./outbox";
import { People } from "./people";
import { Signal } from "./signal";
import { Unread } from "./unread";
import { isCount, isMessage, isParticipant, type Joined, type Message, type Stored, type Wire } from "./wire";

/** What a conversation needs around it. */
export interface Ports {
  wire: Wire;
  clock: Clock;
  keeper: Keeper;
  newId(): string;
}

const typingEvery = 3_000;
const dayMs = 86_400_000;

/**
 * One conversation as this visitor knows it: what was said, what is on its way, who is there. It knows neither
 * socket nor page: the connection hands it what arrives, and views read it after each change.
 */
export class Conversation {
  readonly ledger: Ledger;
  readonly people: People;
  readonly outbox: Outbox;
  readonly unread = new Unread();
  readOnly = false;
  topic = "";
  bodyLimit = 4096;
  /** Whether the server can be asked now. */
  joined = false;
  /** Told after each change. */
  readonly changes = new Signal();
  /** Told each message of somebody else that is new, but not history. */
  readonly news = new Signal<Message>();
  /** Told each message that was changed, whether it is loaded or not. */
  readonly changed = new Signal<Message>();
  private typedAt = 0;

  constructor(private ports: Ports) {
    const changed = () => this.changes.send();
    this.people = new People(ports.clock, changed);
    this.ledger = new Ledger({
      ...ports,
      changed,
      took: (message, fresh) => this.took(message, fresh),
      tookMember: (participant) => this.people.put(participant),
    });
    this.outbox = new Outbox({ ...ports, changed, stored: (unsent, receipt) => this.stored(unsent, receipt) });
  }

  /** The stored messages that are loaded, in their order. */
  get messages(): Message[] {
    return this.ledger.messages.list;
  }

  /** Whether the server has answered a join since the page was opened. */
  get opened(): boolean {
    return this.ledger.opened;
  }

  /** One's own user id as the server knows it, "" before the first join. */
  get myId(): string {
    return this.people.me?.user.id ?? "";
  }

  get isModerator(): boolean {
    return this.people.me?.role === "moderator";
  }

  /** How many messages of others wait to be read. */
  get unreadCount(): number {
    return this.unread.count(this.messages, this.myId);
  }

  /** The server answered a join. */
  join(answer: Joined): void {
    this.joined = true;
    this.people.reset(answer.me, answer.participants ?? []);
    this.readOnly = answer.read_only ?? false;
    this.topic = answer.topic ?? "";
    this.bodyLimit = answer.limits?.max_body ?? answer.limits?.body ?? this.bodyLimit;
    const read = answer.read_seq ?? answer.me.read_seq ?? 0;
    if (this.ledger.join(answer)) this.unread.markUpTo(read);
    else this.unread.reset(read, answer.head_seq);
    this.outbox.start();
    this.changes.send();
  }

  /** The connection is gone; everything stays readable and writable. */
  leave(): void {
    this.joined = false;
    this.ledger.leave();
    this.people.leave();
    this.outbox.stop();
    this.changes.send();
  }

  /** The server told something. What is not understood is left alone. */
  receive(event: string, payload: any): void {
    switch (event) {
      case "message":
      case "message_changed":
        if (isMessage(payload)) this.ledger.offerMessage(payload, event === "message");
        if (isMessage(payload) && event === "message_changed") this.changed.send(payload);
        break;
      case "participant_changed":
        if (isParticipant(payload)) this.ledger.offer(payload.rev, () => this.people.put(payload));
        break;
      case "head":
        if (isCount(payload?.rev)) this.ledger.sawHead(payload.rev);
        break;
      case "typing":
        if (payload?.user_id) this.people.types(payload.user_id, payload.name);
        break;
      case "presence_state":
        this.people.arePresent(payload);
        break;
      case "presence_diff":
        this.people.came(payload?.joins);
        this.people.went(payload?.leaves);
        break;
      case "read":
        if (isCount(payload?.seq)) this.heardRead(payload.user_id, payload.seq);
    }
    this.changes.send();
  }

  /** Sends a message, perhaps in answer to another: it is shown at once, and stored as soon as the server can be reached. */
  send(body: string, replyTo?: string): void {
    this.unread.divider = null;
    this.typedAt = 0;
    this.outbox.add(body, replyTo);
  }

  /** Tells the server that everything loaded was seen. */
  markRead(): void {
    const seq = this.ledger.messages.high;
    if (!this.joined || !this.unread.markUpTo(seq)) return;
    this.tell("read", { seq });
    this.changes.send();
  }

  /** Tells the others that one is typing, at most every three seconds. */
  typing(): void {
    const now = this.ports.clock.now();
    if (!this.joined || now - this.typedAt < typingEvery) return;
    this.typedAt = now;
    this.tell("typing", {});
  }

  /** Whether one may still edit or delete a message: one's own, for a day. */
  isMineToChange(message: Message): boolean {
    const young = this.ports.clock.now() - Date.parse(message.sent_at) < dayMs;
    return young && message.author.id === this.myId && !message.deleted_at && message.kind === "text";
  }

  /** Asks the server for a deed that it tells everybody of. Rejects with a Refusal. */
  ask(event: string, payload: object): Promise<unknown> {
    return this.ports.wire.push(event, payload);
  }

  private heardRead(userId: string, seq: number): void {
    this.people.read(userId, seq);
    if (userId === this.myId) this.unread.markUpTo(seq);
  }

  private tell(event: string, payload: object): void {
    this.ports.wire.push(event, payload).catch(() => {});
  }

  private took(message: Message, fresh: boolean): void {
    const mine = message.author.id === this.myId;
    if (mine && message.client_id) this.outbox.confirm(message.client_id);
    if (mine) this.unread.markUpTo(message.seq);
    if (mine || !fresh) return;
    this.people.stopsTyping(message.author.id);
    this.unread.arrived(message.seq);
    this.news.send(message);
  }

  /** Shows a stored message before its broadcast comes. Its rev is 0: whatever the server shows of it is newer. */
  private stored(unsent: Unsent, receipt: Stored): void {
    const { me } = this.people;
    const { messages } = this.ledger;
    this.unread.markUpTo(receipt.seq);
    if (!me || messages.has(receipt.id) || receipt.seq <= messages.high) return;
    const { client_id, body, reply_to } = unsent;
    const { id, seq, sent_at } = receipt;
    messages.put({ id, seq, rev: 0, client_id, author: { ...me.user, role: me.role }, kind: "text", body, reply_to, sent_at });
  }
}
