/** The style sheet of the part at hand, minified and inlined by the build. */
declare const PLANGA_STYLE: string;

/** The name of the lazily loaded part, which contains the hash of its contents. */
declare const PLANGA_MORE: string;

/** What the widget uses of the phoenix package, which brings no types of its own. */
declare module "phoenix" {
  export class Push {
    receive(status: "ok" | "error" | "timeout", callback: (answer: any) => void): Push;
  }
  export class Channel {
    join(): Push;
    leave(): Push;
    push(event: string, payload: object): Push;
    on(event: string, callback: (payload: any) => void): number;
    onError(callback: (reason: unknown) => void): void;
    onClose(callback: () => void): void;
  }
  export interface SocketOptions {
    params?: Record<string, string>;
    authToken?: () => string;
    transport?: unknown;
    longPollFallbackMs?: number;
    sessionStorage?: Pick<Storage, "getItem" | "setItem">;
    reconnectAfterMs?: (tries: number) => number;
    rejoinAfterMs?: (tries: number) => number;
  }
  export class Socket {
    constructor(address: string, options: SocketOptions);
    transport: unknown;
    longPollFallbackMs: number | undefined;
    get pageHidden(): boolean;
    connect(): void;
    disconnect(callback?: () => void): void;
    isConnected(): boolean;
    channel(topic: string, params: () => object): Channel;
    onOpen(callback: () => void): void;
    onClose(callback: (event: any) => void): void;
  }
}
