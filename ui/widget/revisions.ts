/**
 * The rule that leaves no holes. Every durable change of a conversation has the next revision, so the change
 * that follows the last one is applied, an earlier one is dropped, and a later one is held until the missing
 * ones were fetched.
 */
export class Revisions {
  /** Everything up to this revision is here. */
  last = 0;
  private head = 0;
  private held = new Map<number, () => void>();

  /** The greatest revision that is known to exist. */
  get known(): number {
    return Math.max(this.head, this.last);
  }

  /** Whether changes are known to exist that are not here yet. */
  get behind(): boolean {
    return this.head > this.last;
  }

  /** Starts over at a revision that a join told completely. */
  reset(rev: number): void {
    this.last = rev;
    this.head = rev;
    this.held.clear();
  }

  /** Notes that the server's head is at `rev`. */
  sawHead(rev: number): void {
    if (rev > this.head) this.head = rev;
  }

  /** Takes one broadcast change: applies it now, drops it, or holds it. */
  offer(rev: number, apply: () => void): void {
    this.sawHead(rev);
    if (rev <= this.last) return;
    this.held.set(rev, apply);
    this.release();
  }

  /**
   * Says that the store's answer covered everything up to `rev`. Held changes up to there are applied too:
   * they change nothing twice, and not all of them are in such an answer.
   */
  reach(rev: number): void {
    this.sawHead(rev);
    const covered = [...this.held.keys()].filter((r) => r <= rev).sort((a, b) => a - b);
    for (const r of covered) this.take(r);
    if (rev > this.last) this.last = rev;
    this.release();
  }

  private release(): void {
    while (this.held.has(this.last + 1)) {
      this.last++;
      this.take(this.last);
    }
  }

  private take(rev: number): void {
    const apply = this.held.get(rev);
    this.held.delete(rev);
    apply?.();
  }
}
