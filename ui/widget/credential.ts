import type { Clock } from "./clock";

/** What a token says about itself. Read for display and for refreshing in time; only the server verifies it. */
export interface Claims {
  sub?: string;
  name?: string;
  /** Seconds since 1970. */
  exp?: number;
  conversation_id?: string | string[];
}

/** Reads the claims of a JWT without verifying them; {} for anything that is not one. */
export function readClaims(token: string): Claims {
  try {
    const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** Asks the page's own server for a token; the answer is the token as text, or JSON with a `token`. */
export async function fetchToken(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json, text/plain" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`The token address answered ${answer.status}.`);
  const text = (await answer.text()).trim();
  return text.startsWith("{") ? String(JSON.parse(text).token ?? "") : text.replace(/^"|"$/g, "");
}

const soonest = 5_000;
const longestTimer = 2 ** 31 - 1;

/** The token in use, renewed a minute before it expires where the page says how. */
export class Credential {
  private stopTimer: (() => void) | null = null;
  private renewing: Promise<boolean> | null = null;

  /** `renewed` is called when a timely renewal brought another token. */
  constructor(
    public token: string,
    private source: (() => Promise<string> | string) | null,
    private clock: Clock,
    private renewed: () => void,
  ) {
    this.schedule();
  }

  get claims(): Claims {
    return readClaims(this.token);
  }

  get canRenew(): boolean {
    return this.source !== null;
  }

  /** Gets a fresh token; false when there is no way to, or the way gave none. Asks once at a time. */
  renew(): Promise<boolean> {
    this.renewing ??= this.ask().finally(() => (this.renewing = null));
    return this.renewing;
  }

  stop(): void {
    this.stopTimer?.();
    this.source = null;
  }

  private async ask(): Promise<boolean> {
    try {
      const token = await this.source?.();
      if (!token) return false;
      this.token = token;
      this.schedule();
      return true;
    } catch {
      return false;
    }
  }

  private schedule(): void {
    this.stopTimer?.();
    const { exp } = this.claims;
    if (!exp || !this.source) return;
    const left = exp * 1000 - this.clock.now();
    const wait = Math.max(soonest, left - 60_000 - this.clock.random() * 30_000);
    this.stopTimer = this.clock.after(Math.min(wait, longestTimer), () => this.renewInTime());
  }

  private async renewInTime(): Promise<void> {
    const before = this.token;
    const renewed = await this.renew();
    if (renewed && this.token !== before) this.renewed();
    if (!renewed && this.source) this.stopTimer = this.clock.after(30_000 + this.clock.random() * 30_000, () => this.renewInTime());
  }
}
