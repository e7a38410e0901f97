import type { Channel, Socket } from "phoenix";
import { backoff, type Clock } from "./clock";
import type { Credential } from "./credential";
import type { LinkState, Listener } from "./link";
import type { Settings } from "./settings";
import { isRefused, memory, PatientSocket } from "./transport";
import { asRefusal, isPassing, type Joined, type Refusal, type Wire } from "./wire";

const events = ["message", "message_changed", "participant_changed", "read", "typing", "head", "presence_state", "presence_diff"];
const fallbackMs = 4_000;
const policyViolation = 1008;

/** The socket and the one channel of a conversation: comes back by itself, with jitter, for as long as the page lives. */
export class Connection implements Wire {
  state: LinkState;
  private socket: Socket;
  private channel: Channel | null = null;
  private listener: Listener | null = null;
  private opensFailed = 0;
  private givenUp = 0;
  private stopped = false;
  private moved = () => {
    this.changed();
    if (navigator.onLine) void this.retryNow();
  };

  constructor(
    private settings: Settings,
    private credential: Credential,
    private clock: Clock,
    private changed: () => void,
  ) {
    this.state = { phase: "connecting", since: clock.now(), after: 0 };
    this.socket = this.newSocket();
  }

  /** Connects and joins; from now on `listener` hears everything. */
  async start(listener: Listener): Promise<void> {
    this.listener = listener;
    for (const event of ["online", "offline"]) window.addEventListener(event, this.moved);
    const needsToken = !this.settings.query && !this.credential.token;
    if (needsToken && !(await this.credential.renew())) return this.giveUp("expired");
    if (!this.stopped) this.open();
  }

  /** Leaves for good. */
  stop(): void {
    this.stopped = true;
    for (const event of ["online", "offline"]) window.removeEventListener(event, this.moved);
    this.channel?.leave();
    this.socket.disconnect();
  }

  /** Connects at once instead of at the next turn; after a refusal with a fresh token where there is a way to one. */
  async retryNow(): Promise<void> {
    if (this.stopped || this.state.phase === "open") return;
    const refused = this.state.phase === "refused" || this.state.phase === "expired";
    if (refused && this.credential.canRenew && !(await this.credential.renew())) return;
    if (refused) this.enter("lost");
    this.reopen();
  }

  /** Goes on with a token that was renewed in time: without a pause where the server takes it, else by coming back. */
  reauthorise(): void {
    this.push("authorize", { token: this.credential.token }).catch(() => this.reopen());
  }

  /** Comes back with the token that is now in use; the view stays as it is. */
  reopen(): void {
    if (this.stopped) return;
    this.socket.disconnect(() => {
      if (!this.stopped) this.open();
    });
  }

  push<Reply>(event: string, payload: object): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.state.phase !== "open" || !this.channel) return reject({ reason: "offline" });
      this.channel
        .push(event, payload)
        .receive("ok", (reply: Reply) => resolve(reply))
        .receive("error", (answer: unknown) => reject(asRefusal(answer)))
        .receive("timeout", () => reject({ reason: "timeout" }));
    });
  }

  private newSocket(): Socket {
    const { query } = this.settings;
    const socket = new PatientSocket(this.settings.socket, {
      params: query ?? {},
      authToken: query ? undefined : () => this.credential.token,
      longPollFallbackMs: fallbackMs,
      sessionStorage: memory(),
      reconnectAfterMs: (tries: number) => this.reconnectAfter(tries),
      rejoinAfterMs: (tries: number) => backoff(this.clock, tries, 1_000, 20_000),
    });
    socket.onOpen(() => this.opened());
    socket.onClose((event: CloseEvent) => this.closed(event));
    return socket;
  }

  private open(): void {
    this.socket.connect();
    if (this.channel || !this.listener) return;
    const listener = this.listener;
    const channel = this.socket.channel(`conversation:${this.settings.conversation}`, () => listener.joinRequest());
    this.channel = channel;
    for (const event of events) channel.on(event, (payload: unknown) => listener.receive(event, payload));
    channel.onError(() => this.lost());
    channel.onClose(() => this.shutOut());
    channel
      .join()
      .receive("ok", (answer: Joined) => this.joined(answer))
      .receive("error", (answer: unknown) => this.refused(asRefusal(answer)));
  }

  /** A WebSocket that once worked is not given up for polling when the server restarts. */
  private opened(): void {
    this.opensFailed = 0;
    const { socket } = this;
    if (socket.transport === WebSocket) socket.longPollFallbackMs = undefined;
  }

  private joined(answer: Joined): void {
    this.givenUp = 0;
    this.enter("open");
    this.listener?.join(answer);
  }

  private lost(): void {
    if (this.state.phase !== "open") return;
    this.enter("lost");
    this.listener?.leave();
  }

  /** The server ended the channel; whether one may come back, a new join tells. */
  private shutOut(): void {
    this.channel = null;
    this.lost();
    if (this.stopped) return;
    this.clock.after(backoff(this.clock, 1, 1_000, 5_000), () => {
      if (!this.stopped && this.state.phase === "lost") this.open();
    });
  }

  private closed(event: CloseEvent): void {
    if (event.code === policyViolation) void this.unwelcome({ reason: "unauthorized" });
  }

  /** Polling was only the way round a WebSocket that did not open, so each new try begins with a WebSocket. */
  private reconnectAfter(tries: number): number {
    if (this.socket.transport !== WebSocket && this.settings.socket.startsWith("ws")) this.socket.transport = WebSocket;
    if (++this.opensFailed % 4 === 3) void this.ask();
    return tries === 1 ? 50 + this.clock.random() * 950 : backoff(this.clock, tries, 500, 30_000);
  }

  private async ask(): Promise<void> {
    const { socket, query } = this.settings;
    if (await isRefused(socket, query, this.credential.token)) void this.unwelcome({ reason: "unauthorized" });
  }

  private refused(refusal: Refusal): void {
    if (refusal.reason === "unauthorized") return void this.unwelcome(refusal);
    if (!isPassing(refusal)) this.giveUp("refused", refusal);
  }

  /** The credential was refused: try a fresh one, else say so and stay away. */
  private async unwelcome(refusal: Refusal): Promise<void> {
    if (this.stopped) return;
    this.socket.disconnect();
    const before = this.credential.token;
    if ((await this.credential.renew()) && this.credential.token !== before) return this.reopen();
    const { exp } = this.credential.claims;
    const expired = exp !== undefined && exp * 1000 < this.clock.now();
    this.giveUp(expired ? "expired" : "refused", refusal);
  }

  /** Says that the server will not have us. Where the page brings tokens, a later one may do. */
  private giveUp(phase: "refused" | "expired", refusal?: Refusal): void {
    this.lost();
    this.enter(phase, refusal);
    this.socket.disconnect();
    if (!this.credential.canRenew) return;
    const { since } = this.state;
    this.clock.after(backoff(this.clock, this.givenUp++, 5_000, 300_000), () => {
      if (this.state.since === since) void this.retryNow();
    });
  }

  private enter(phase: LinkState["phase"], refusal?: Refusal): void {
    const since = this.clock.now();
    this.state = { phase, since, refusal, after: since - this.state.since };
    this.changed();
  }
}
