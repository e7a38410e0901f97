import type { Clock } from "./clock";
import type { Participant, Presences } from "./wire";

const typingLasts = 5_000;

/** Who is in the conversation: members, who of them is here now, who is typing, and how far each has read. */
export class People {
  me: Participant | null = null;
  private byId = new Map<string, Participant>();
  private here = new Map<string, Set<string>>();
  private typists = new Map<string, { name: string; stop: () => void }>();

  constructor(
    private clock: Clock,
    private changed: () => void,
  ) {}

  /** Everybody but oneself, in the order of the server's list. */
  get others(): Participant[] {
    return [...this.byId.values()].filter((p) => p.user.id !== this.me?.user.id);
  }

  /** The names of those who are typing now, without oneself. */
  get typing(): { id: string; name: string }[] {
    return [...this.typists].map(([id, { name }]) => ({ id, name }));
  }

  find(id: string): Participant | undefined {
    return this.byId.get(id);
  }

  isHere(id: string): boolean {
    return this.here.has(id);
  }

  /** Starts over with the members that a join told. */
  reset(me: Participant, participants: Participant[]): void {
    this.byId.clear();
    this.me = null;
    for (const p of participants) this.put(p);
    this.me = this.byId.get(me.user.id) ?? me;
    this.put(this.me === me ? me : { ...this.me, ...me });
  }

  /** Takes a new or changed member; a state older than the one here changes nothing. */
  put(given: Participant): void {
    const known = this.byId.get(given.user.id);
    if (known?.rev !== undefined && given.rev !== undefined && given.rev < known.rev) return;
    const read_seq = Math.max(known?.read_seq ?? 0, given.read_seq ?? 0);
    const participant = { ...known, ...given, read_seq };
    this.byId.set(given.user.id, participant);
    if (this.me?.user.id === given.user.id) this.me = participant;
  }

  /** Moves somebody's read mark forward; it never goes back. */
  read(id: string, seq: number): void {
    const known = this.byId.get(id);
    if (!known || !Number.isSafeInteger(seq) || seq <= (known.read_seq ?? 0)) return;
    this.put({ ...known, read_seq: seq });
  }

  /** How many others have read up to `seq`. */
  readers(seq: number): number {
    return this.others.filter((p) => (p.read_seq ?? 0) >= seq).length;
  }

  /** Takes everybody's connections: each person may have several, which the server tells apart by reference. */
  arePresent(present: Presences): void {
    this.here.clear();
    this.came(present);
  }

  /** Takes new connections. */
  came(present: Presences): void {
    for (const [id, ref] of refsOf(present)) this.here.set(id, (this.here.get(id) ?? new Set()).add(ref));
  }

  /** Takes connections that ended; a person is gone with the last of them. */
  went(present: Presences): void {
    for (const [id, ref] of refsOf(present)) {
      const refs = this.here.get(id);
      refs?.delete(ref);
      if (refs?.size === 0) this.here.delete(id);
    }
  }

  /** Somebody typed; it ends after five seconds unless repeated. */
  types(id: string, name: string): void {
    if (id === this.me?.user.id) return;
    this.typists.get(id)?.stop();
    const stop = this.clock.after(typingLasts, () => {
      this.stopsTyping(id);
      this.changed();
    });
    this.typists.set(id, { name: this.byId.get(id)?.user.name ?? name, stop });
  }

  /** Their message has come, or they left. */
  stopsTyping(id: string): void {
    this.typists.get(id)?.stop();
    this.typists.delete(id);
  }

  /** The connection is gone: nobody is known to be here. */
  leave(): void {
    for (const id of [...this.typists.keys()]) this.stopsTyping(id);
    this.here.clear();
  }
}

function refsOf(present: Presences): [id: string, ref: string][] {
  return Object.entries(present ?? {}).flatMap(([id, entry]) => (entry?.metas ?? []).map((m): [string, string] => [id, m.phx_ref]));
}
