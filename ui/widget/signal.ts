/** Something that others listen for. */
export class Signal<Told = void> {
  private listeners = new Set<(told: Told) => void>();

  /** Calls `listener` each time, until the returned function is called. */
  on(listener: (told: Told) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  send(told: Told): void {
    for (const listener of this.listeners) listener(told);
  }
}
