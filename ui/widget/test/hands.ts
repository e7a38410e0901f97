import type { Clock } from "../clock";
import type { Keeper } from "../keeper";

/** A random number generator with a seed, so that a failure can be played again. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A clock whose hands the test turns. */
export class Hands implements Clock {
  private at = 1_700_000_000_000;
  private deeds: { at: number; deed: () => void }[] = [];

  constructor(readonly random: () => number = () => 0.5) {}

  now(): number {
    return this.at;
  }

  after(ms: number, deed: () => void): () => void {
    const entry = { at: this.at + ms, deed };
    this.deeds.push(entry);
    return () => void (this.deeds = this.deeds.filter((d) => d !== entry));
  }

  /** Lets `ms` pass, does what falls due in its order, and lets promises settle after each deed. */
  async pass(ms: number): Promise<void> {
    const end = this.at + ms;
    await settle();
    for (;;) {
      const due = this.deeds.filter((d) => d.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.at = Math.max(this.at, due.at);
      this.deeds = this.deeds.filter((d) => d !== due);
      due.deed();
      await settle();
    }
    this.at = end;
  }

  /** How many deeds still wait. */
  get waiting(): number {
    return this.deeds.length;
  }
}

/** Lets every promise that is ready go its way. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Storage that outlives a Conversation, and counts what is written to it. */
export class Drawer implements Keeper {
  entries = new Map<string, string>();
  writes = 0;

  all(prefix: string): string[] {
    return [...this.entries].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  }

  set(key: string, value: string): void {
    this.writes++;
    this.entries.set(key, value);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}
