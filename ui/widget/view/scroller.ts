const nearEnd = 48;
const nearStart = 240;

/** Holds a scrolling box at its end, or at what the reader looks at, while its contents change. */
export class Scroller {
  /** Whether the end is in sight. */
  atEnd = true;
  /** Whether the box itself is in sight of the page. */
  onScreen = false;
  private box: HTMLElement | null = null;
  private anchor: { key: string; top: number } | null = null;
  private watchers: { disconnect(): void }[] = [];
  private scrolled = () => this.note();

  constructor(
    private endChanged: (atEnd: boolean) => void,
    private reachedStart: () => void,
    private seen: () => void,
  ) {}

  start(box: HTMLElement): void {
    this.box = box;
    box.addEventListener("scroll", this.scrolled, { passive: true });
    const sizes = new ResizeObserver(() => this.settle());
    sizes.observe(box);
    if (box.firstElementChild) sizes.observe(box.firstElementChild);
    const sight = new IntersectionObserver((entries) => {
      this.onScreen = entries[entries.length - 1].isIntersecting;
      this.seen();
    }, { threshold: 0.25 });
    sight.observe(box);
    this.watchers = [sizes, sight];
  }

  stop(): void {
    this.box?.removeEventListener("scroll", this.scrolled);
    for (const watcher of this.watchers) watcher.disconnect();
    this.box = null;
  }

  /** Shows the unread line near the top, or else the end. */
  showFirst(): void {
    const line = this.box?.querySelector(".pl-unread");
    if (!this.box || !line) return this.toEnd(false);
    this.box.scrollTop += line.getBoundingClientRect().top - this.box.getBoundingClientRect().top - 48;
    this.note();
  }

  toEnd(smoothly: boolean): void {
    this.box?.scrollTo({ top: this.box.scrollHeight, behavior: smoothly && !stillness() ? "smooth" : "instant" });
  }

  /** Remembers what the reader looks at; called before the contents change. */
  before(): void {
    this.anchor = this.atEnd ? null : this.firstInSight();
  }

  /** Brings it back to where it was; called after the contents changed. */
  after(): void {
    if (this.atEnd) return this.toEnd(false);
    if (!this.box || !this.anchor) return;
    const element = this.box.querySelector(`[data-key="${CSS.escape(this.anchor.key)}"]`);
    const moved = element ? element.getBoundingClientRect().top - this.anchor.top : 0;
    if (Math.abs(moved) >= 1) this.box.scrollTop += moved;
  }

  private settle(): void {
    if (this.atEnd) this.toEnd(false);
    this.note();
  }

  private note(): void {
    const { box } = this;
    if (!box || box.clientHeight === 0) return;
    const was = this.atEnd;
    this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
    if (was !== this.atEnd) this.endChanged(this.atEnd);
    if (this.atEnd && !was) this.seen();
    if (box.scrollTop < nearStart) this.reachedStart();
  }

  private firstInSight(): { key: string; top: number } | null {
    const edge = this.box?.getBoundingClientRect().top ?? 0;
    for (const element of this.box?.querySelectorAll<HTMLElement>(".pl-msg") ?? []) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom > edge) return { key: element.dataset.key ?? "", top };
    }
    return null;
  }
}

function stillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
