const longPress = 450;

/** Which message of the log is meant: by pointer, by long press, or by the arrow keys from one to the next. */
export class LogKeys {
  private press: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private activate: (key: string) => void,
    private open: (key: string, at: HTMLElement) => void,
  ) {}

  /** Event handlers for the element that holds the messages. */
  readonly handlers = {
    onPointerOver: (event: PointerEvent) => {
      if (event.pointerType !== "touch") this.activate(keyOf(event));
    },
    onPointerLeave: () => this.activate(""),
    onFocusIn: (event: FocusEvent) => this.activate(keyOf(event)),
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === "touch") this.waitFor(event);
    },
    onPointerUp: () => clearTimeout(this.press),
    onPointerCancel: () => clearTimeout(this.press),
    onScroll: () => clearTimeout(this.press),
    onKeyDown: (event: KeyboardEvent) => this.keyed(event),
  };

  private waitFor(event: PointerEvent): void {
    const element = messageOf(event);
    clearTimeout(this.press);
    if (!element) return;
    this.press = setTimeout(() => this.open(element.dataset.key ?? "", element), longPress);
  }

  private keyed(event: KeyboardEvent): void {
    const element = event.target as HTMLElement;
    if (!element.matches(".pl-msg")) return;
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step !== 0) focusNeighbour(element, step);
    if (event.key === "Enter") this.open(element.dataset.key ?? "", element);
    if (step !== 0 || event.key === "Enter") event.preventDefault();
  }
}

function focusNeighbour(element: HTMLElement, step: number): void {
  const all = [...(element.closest(".pl-log")?.querySelectorAll<HTMLElement>(".pl-msg") ?? [])];
  all[all.indexOf(element) + step]?.focus();
}

function messageOf(event: Event): HTMLElement | null {
  return (event.target as Element).closest<HTMLElement>(".pl-msg");
}

function keyOf(event: Event): string {
  return messageOf(event)?.dataset.key ?? "";
}
