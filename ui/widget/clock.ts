/** Time as the state sees it, so that tests can turn the hands. Times are milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Calls `deed` once after `ms` milliseconds unless the returned function was called before. */
  after(ms: number, deed: () => void): () => void;
  /** A number from 0 up to but not including 1, for jitter. */
  random(): number;
}

/** The browser's time. */
export const wallClock: Clock = {
  now: () => Date.now(),
  after(ms, deed) {
    const timer = setTimeout(deed, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** A wait that doubles with each try from `first` to `most` ms, drawn from its upper half so that clients spread. */
export function backoff(clock: Clock, tries: number, first: number, most: number): number {
  const full = Math.min(most, first * 2 ** Math.min(tries, 16));
  return Math.round(full * (0.5 + clock.random() / 2));
}
