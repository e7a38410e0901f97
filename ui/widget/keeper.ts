/** Where unsent messages outlive a reload. Every method may be refused by the browser; then nothing outlives it. */
export interface Keeper {
  /** The values of all entries whose key begins with `prefix`. */
  all(prefix: string): string[];
  set(key: string, value: string): void;
  delete(key: string): void;
}

/** The browser's local storage, or nothing where the page, the browser or a full disk forbids it. */
export const localKeeper: Keeper = {
  all(prefix) {
    return attempt(() => {
      const found: string[] = [];
      for (let i = 0; i < localStorage.length; i++) {
        const key = localStorage.key(i);
        const value = key?.startsWith(prefix) ? localStorage.getItem(key) : null;
        if (value !== null) found.push(value);
      }
      return found;
    }, []);
  },
  set: (key, value) => attempt(() => localStorage.setItem(key, value), undefined),
  delete: (key) => attempt(() => localStorage.removeItem(key), undefined),
};

function attempt<T>(deed: () => T, otherwise: T): T {
  try {
    return deed();
  } catch {
    return otherwise;
  }
}
