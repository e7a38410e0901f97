import type { Joined, JoinRequest, Refusal } from "./wire";

/**
 * How the connection stands: "connecting" until the first join, "open", "lost" while it comes back by itself,
 * "refused" when the server will not have us, and "expired" when the token has run out and no other came.
 */
export interface LinkState {
  phase: "connecting" | "open" | "lost" | "refused" | "expired";
  /** When the phase began, in the browser's milliseconds. */
  since: number;
  refusal?: Refusal;
  /** How long the phase before lasted, in milliseconds. */
  after: number;
}

/** Who hears from the connection. */
export interface Listener {
  joinRequest(): JoinRequest;
  join(answer: Joined): void;
  leave(): void;
  receive(event: string, payload: unknown): void;
}
