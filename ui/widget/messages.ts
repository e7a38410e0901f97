import type { Message } from "./wire";

/**
 * The loaded messages of a conversation: always one stretch without holes that ends at the newest, in the
 * order of `seq`. What lies before the stretch is fetched when somebody scrolls there.
 */
export class Messages {
  /** Sorted by seq. A new array after each change, so that a view can compare by identity. */
  list: Message[] = [];
  private byId = new Map<string, Message>();
  private first = 1;
  /** Changes of messages before the stretch that came since a page of those was last asked for. */
  private held?: Map<string, Message>;

  /** The seq with which the loaded stretch begins; messages before it are not kept. */
  get low(): number {
    return this.first;
  }

  /** The greatest loaded seq, or 0. */
  get high(): number {
    return this.list.length > 0 ? this.list[this.list.length - 1].seq : 0;
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Forgets everything and begins a new stretch at `low`. */
  reset(low: number): void {
    this.list = [];
    this.byId.clear();
    this.first = low;
  }

  /** Takes a new or changed message; an older copy than the one here, or one before the stretch, changes nothing. */
  put(message: Message): boolean {
    if (message.seq < this.first) {
      this.held?.set(message.id, message);
      return false;
    }
    const known = this.byId.get(message.id);
    if (known && known.rev >= message.rev) return false;
    this.byId.set(message.id, message);
    this.list = known ? this.list.map((m) => (m === known ? message : m)) : this.inserted(message);
    return true;
  }

  /** A page before the stretch is asked for: it may show messages as they were before changes that arrive first. */
  asking(): void {
    this.held = new Map();
  }

  /** Adds the page before the stretch, with what has changed on it since it was asked for. */
  prepend(older: Message[]): void {
    this.first = older[0]?.seq ?? this.first; // a page ascends
    for (const message of older) this.put(this.held?.get(message.id) ?? message);
  }

  /** Drops what the server no longer keeps. */
  forgetBefore(seq: number): void {
    if (seq <= this.first) return;
    this.first = seq;
    for (const message of this.list) if (message.seq < seq) this.byId.delete(message.id);
    this.list = this.list.filter((m) => m.seq >= seq);
  }

  private inserted(message: Message): Message[] {
    let at = this.list.length;
    while (at > 0 && this.list[at - 1].seq > message.seq) at--;
    return [...this.list.slice(0, at), message, ...this.list.slice(at)];
  }
}
