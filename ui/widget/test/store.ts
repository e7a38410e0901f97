import type { Joined, JoinRequest, Message, Page, Participant, Refusal, Stored, Wire } from "../wire";

export interface Broadcast {
  event: string;
  payload: any;
}

/** The server's side of a conversation, as the delivery contract describes it. */
export class Store {
  epoch = "first";
  rev = 0;
  messages: Message[] = [];
  people = new Map<string, Participant>();
  /** Everything that was broadcast and not yet taken by a test. */
  outgoing: Broadcast[] = [];
  pageLimit = 200;
  private clientIds = new Map<string, string>();

  constructor(...names: string[]) {
    for (const name of names) this.people.set(name, { user: { id: name, name }, role: "", read_seq: 0, rev: ++this.rev });
  }

  post(author: string, body: string, clientId = `${author}-${this.messages.length}`): Stored {
    const key = `${author}\n${clientId}`;
    const known = this.messages.find((m) => m.id === this.clientIds.get(key));
    if (known) return { id: known.id, seq: known.seq, rev: known.rev, sent_at: known.sent_at, dup: true };
    const seq = this.messages.length + 1;
    const message: Message = {
      id: `m${this.epoch}${seq}`, seq, rev: ++this.rev, client_id: clientId, kind: "text", body,
      author: { id: author, name: author }, sent_at: new Date(1_700_000_000_000 + seq * 1000).toISOString(),
    };
    this.messages.push(message);
    this.clientIds.set(key, message.id);
    this.outgoing.push({ event: "message", payload: { ...message } });
    return { id: message.id, seq, rev: message.rev, sent_at: message.sent_at, dup: false };
  }

  change(seq: number, fields: Partial<Message>): void {
    const changed = { ...this.messages[seq - 1], ...fields, rev: ++this.rev };
    this.messages[seq - 1] = changed;
    this.outgoing.push({ event: "message_changed", payload: { ...changed } });
  }

  changePerson(id: string, fields: Partial<Participant>): void {
    const changed = { ...this.people.get(id)!, ...fields, rev: ++this.rev };
    this.people.set(id, changed);
    this.outgoing.push({ event: "participant_changed", payload: { ...changed } });
  }

  join(me: string, ask: JoinRequest): Joined {
    const resumes = ask.epoch === this.epoch && ask.last_rev !== null;
    const page = resumes ? this.since(ask.last_rev!, ask.limit) : this.newest(ask.limit);
    return {
      ...page, epoch: this.epoch, rev: this.rev, oldest_seq: 1, head_seq: this.messages.length, me: { ...this.people.get(me)! },
      participants: [...this.people.values()].map((p) => ({ ...p })), read_seq: this.people.get(me)!.read_seq,
    };
  }

  history(ask: { before_seq?: number; after_rev?: number; limit: number }): Page {
    if (ask.after_rev !== undefined) return this.since(ask.after_rev, ask.limit);
    const before = this.messages.filter((m) => m.seq < ask.before_seq!);
    return { messages: copies(before.slice(-ask.limit)), more: before.length > ask.limit };
  }

  /** Goes back to an older backup: what came after `seq` is gone, and the history is another one. */
  restore(seq: number): void {
    this.epoch += "+";
    this.messages = this.messages.slice(0, seq);
    this.rev = Math.max(0, ...this.messages.map((m) => m.rev));
    this.outgoing = [];
    for (const [id, person] of this.people) this.people.set(id, { ...person, rev: Math.min(person.rev ?? 0, this.rev) });
    const kept = new Set(this.messages.map((m) => m.id));
    for (const [key, id] of this.clientIds) if (!kept.has(id)) this.clientIds.delete(key);
  }

  private newest(limit: number): Page {
    return { messages: copies(this.messages.slice(-limit)), more: this.messages.length > limit };
  }

  private since(rev: number, asked: number): Page {
    const limit = Math.min(asked, this.pageLimit);
    const changed = this.messages.filter((m) => m.rev > rev).sort((a, b) => a.rev - b.rev);
    const messages = copies(changed.slice(0, limit));
    const more = changed.length > limit;
    const upTo = more ? messages[messages.length - 1].rev : Infinity;
    return { messages, more, participants: [...this.people.values()].filter((p) => (p.rev ?? 0) > rev && (p.rev ?? 0) <= upTo) };
  }
}

function copies(messages: Message[]): Message[] {
  return messages.map((m) => ({ ...m }));
}

/** A wire to a store on which a test decides when an answer comes, and whether. */
export class TestWire implements Wire {
  asked: { event: string; payload: any }[] = [];
  /** What happens to the next requests, in order: answered, done but the answer lost, or refused undone. */
  fates: ("answer" | "lose" | Refusal)[] = [];
  connected = true;

  constructor(
    private store: Store,
    private me: string,
  ) {}

  push<Reply>(event: string, payload: any): Promise<Reply> {
    this.asked.push({ event, payload });
    const fate = this.fates.shift() ?? "answer";
    if (!this.connected) return Promise.reject({ reason: "offline" });
    if (typeof fate !== "string") return Promise.reject(fate);
    const reply = this.answer(event, payload);
    return fate === "lose" ? new Promise(() => {}) : Promise.resolve(reply as Reply);
  }

  count(event: string): number {
    return this.asked.filter((a) => a.event === event).length;
  }

  private answer(event: string, payload: any): unknown {
    if (event === "new_message") return this.store.post(this.me, payload.body, payload.client_id);
    if (event === "quotes") return { quotes: this.store.messages.filter((m) => payload.ids.includes(m.id)) };
    if (event === "history") return this.store.history(payload);
    return {};
  }
}
