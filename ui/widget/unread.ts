import type { Message } from "./wire";

/** The line above the first message that was not seen yet, and the number of messages below it. */
export interface Divider {
  /** The line stands after this seq. */
  after: number;
  /** It counts others' messages up to this seq; what comes while one looks on is not counted as new. */
  upTo: number;
}

/** What one has read, and where the unread line stands. */
export class Unread {
  /** Everything up to this seq was seen by this person, here or elsewhere. */
  read = 0;
  divider: Divider | null = null;
  private watching = false;

  /** Starts over with the mark and the head that a join told. */
  reset(read: number, head: number): void {
    this.read = read;
    this.divider = head > read ? { after: read, upTo: head } : null;
  }

  /** A message of somebody else arrived; the line is set when nobody looks, and grows with what comes after. */
  arrived(seq: number): void {
    if (this.watching || seq <= this.read) return;
    if (!this.divider || this.divider.upTo <= this.read) this.divider = { after: this.read, upTo: seq };
    else this.divider = { ...this.divider, upTo: Math.max(this.divider.upTo, seq) };
  }

  /** Says whether the person has the newest message before their eyes. */
  watch(watching: boolean): void {
    this.watching = watching;
  }

  /** Moves the mark and reports whether it moved. */
  markUpTo(seq: number): boolean {
    if (seq <= this.read) return false;
    this.read = seq;
    return true;
  }

  /** How many of the loaded messages of others are unread. */
  count(messages: Message[], me: string): number {
    return countNew(messages, me, this.read, Infinity);
  }

  /** How many messages the line announces; 0 means that there is no line to draw. */
  announced(messages: Message[], me: string): number {
    return this.divider ? countNew(messages, me, this.divider.after, this.divider.upTo) : 0;
  }
}

function countNew(messages: Message[], me: string, after: number, upTo: number): number {
  return messages.filter((m) => m.seq > after && m.seq <= upTo && m.author.id !== me && !m.deleted_at).length;
}
