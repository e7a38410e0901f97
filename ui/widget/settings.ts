import { fetchToken, readClaims } from "./credential";

/**
 * How the chat sits on the page: inside an element, or behind a launcher in the corner.
 *
 * @example
 * const mode: Mode = "popup";
 */
export type Mode = "inline" | "popup";
/**
 * Its colours: "auto" follows the visitor's system.
 *
 * @example
 * const theme: Theme = "dark";
 */
export type Theme = "auto" | "light" | "dark";

/**
 * What `new Planga` takes.
 *
 * @example
 * new Planga("#chat", { conversation: "bike-3977", token: "eyJ…", tokenUrl: "/planga-token" });
 */
export interface PlangaOptions {
  /** The signed token of this visitor. May be left out where `tokenUrl` or `onTokenExpired` brings one. */
  token?: string;
  /** An address of your own site that answers with a fresh token, as text or as `{"token": "…"}`. */
  tokenUrl?: string;
  /** Called when a fresh token is needed; wins over `tokenUrl`. */
  onTokenExpired?: () => Promise<string> | string;
  /** Your own id of the conversation. May be left out when the token names exactly one. */
  conversation?: string;
  /** The Planga server, as "https://chat.example.com". Default: where the script came from. */
  host?: string;
  /** Default: "inline". */
  mode?: Mode;
  /** Default: "auto". */
  theme?: Theme;
  /** A language tag for dates, numbers and the direction of writing. Default: the language of the page. */
  locale?: string;
  /** What stands in the header instead of the names of the others. */
  title?: string;
}

/**
 * What pages written for Planga in 2018 pass; the conversation and the visitor are in `encrypted_options`.
 *
 * @example
 * new Planga(element, { public_api_id: "…", encrypted_options: "…", socket_location: "//chat.example.com/socket" });
 */
export interface PlangaOptions2018 {
  public_api_id: string;
  encrypted_options: string;
  /** "//host/socket", "/socket" or a whole address. Default: the server that the script came from. */
  socket_location?: string;
  /** Has no effect any more. */
  debug?: boolean;
}

/** The options, checked and completed. */
export interface Settings {
  /** Address of the socket without transport: "wss://chat.example.com/socket". */
  socket: string;
  token: string;
  tokenSource: (() => Promise<string> | string) | null;
  conversation: string;
  /** Query parameters that stand for a token, for encrypted options. */
  query: Record<string, string> | null;
  mode: Mode;
  theme: Theme;
  locale: string;
  title: string;
}

/** Where the page is, as far as addresses depend on it. */
export interface Place {
  protocol: string;
  host: string;
  hostname: string;
}

/** The address of the socket on the server at `host`: a name, or an address with or without a path. */
export function socketAt(host: string, place: Place): string {
  const address = /^([a-z]+:)?\/\//i.test(host) ? host : `//${host}`;
  const trimmed = address.replace(/\/+$/, "");
  return absolute(trimmed.endsWith("/socket") ? trimmed : `${trimmed}/socket`, place);
}

/** The directory of the server that served the script at `src`, such as "https://chat.example.com". */
export function serverOf(src: string): string {
  return src.replace(/[?#].*$/, "").replace(/(\/js)?\/[^/]*$/, "");
}

function absolute(address: string, place: Place): string {
  const secure = place.protocol === "https:" ? "wss:" : "ws:";
  if (address.startsWith("//")) return unsafeOnlyNear(`${secure}${address}`, place);
  if (address.startsWith("/")) return `${secure}//${place.host}${address}`;
  return address.replace(/^http/i, "ws");
}

/** Without a protocol of its own, an address goes unencrypted only to the page's own host or this machine. */
function unsafeOnlyNear(address: string, place: Place): string {
  const { hostname } = new URL(address.replace(/^ws/, "http"));
  const near = hostname === place.hostname || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return near ? address : address.replace(/^ws:/, "wss:");
}

/** Base64 of the UTF-8 text, as the server expects credentials in a query. */
export function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Whether these are options of 2018. */
export function isOf2018(options: PlangaOptions | PlangaOptions2018): options is PlangaOptions2018 {
  return "encrypted_options" in options || "public_api_id" in options;
}

/** A misuse of the options that the page's developer can mend; the message says how. */
export class OptionsError extends Error {
  override name = "OptionsError";
}

/** The server that served this script; read while it runs, as the browser forgets it afterwards. */
export const server = typeof document === "undefined" ? "" : serverOf((document.currentScript as HTMLScriptElement | null)?.src ?? "");

/** Checks the options and completes them from the script's address and the token. */
export function completed(options: PlangaOptions | PlangaOptions2018, from = server, place: Place = location): Settings {
  if (typeof options !== "object" || options === null) throw new OptionsError("Planga needs options: at least a token.");
  return isOf2018(options) ? completed2018(options, from, place) : completedNow(options, from, place);
}

function completedNow(options: PlangaOptions, from: string, place: Place): Settings {
  const { token = "", tokenUrl, onTokenExpired } = options;
  const host = options.host || from;
  const conversation = String(options.conversation ?? onlyOne(readClaims(token).conversation_id));
  if (!host) throw new OptionsError('Planga needs the address of its server: write host: "https://chat.example.com".');
  if (!token && !tokenUrl && !onTokenExpired) throw new OptionsError("Planga needs a token, or a tokenUrl that brings one.");
  if (!conversation) throw new OptionsError('Planga needs to know the conversation: write conversation: "your own id of it".');
  return {
    socket: socketAt(host, place),
    token,
    tokenSource: onTokenExpired ?? (tokenUrl ? () => fetchToken(tokenUrl) : null),
    conversation,
    query: null,
    mode: oneOf(options.mode, ["inline", "popup"]),
    theme: oneOf(options.theme, ["auto", "light", "dark"]),
    locale: options.locale ?? "",
    title: options.title ?? "",
  };
}

/** The server alone can read the conversation in encrypted options, so the topic that is joined names none. */
function completed2018(options: PlangaOptions2018, from: string, place: Place): Settings {
  const { public_api_id, encrypted_options, socket_location } = options;
  const query = { public_api_id: base64(String(public_api_id)), config: base64(String(encrypted_options)) };
  const socket = socket_location ? absolute(socket_location.replace(/\/+$/, ""), place) : socketAt(from, place);
  return { socket, query, token: "", tokenSource: null, conversation: "*", mode: "inline", theme: "auto", locale: "", title: "" };
}

/** Reads options from attributes, which are written in lower case with hyphens. */
export function fromAttributes(attribute: (name: string) => string | null): PlangaOptions {
  const text = (name: string) => attribute(name) ?? undefined;
  return {
    token: text("token"),
    tokenUrl: text("token-url"),
    conversation: text("conversation"),
    host: text("host"),
    mode: text("mode") as Mode,
    theme: text("theme") as Theme,
    locale: text("locale"),
    title: text("heading"),
  };
}

/** The one element of a list, or the text itself; "" when there is no single choice. */
function onlyOne(value: string | string[] | undefined): string {
  if (Array.isArray(value)) return value.length === 1 ? value[0] : "";
  return value ?? "";
}

function oneOf<T extends string>(value: string | undefined, choices: readonly T[]): T {
  return choices.includes(value as T) ? (value as T) : choices[0];
}
