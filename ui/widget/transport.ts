import { Socket } from "phoenix";

/** Comes back in hidden pages too: they are where a visitor waits for the sign of a new message. */
export class PatientSocket extends Socket {
  override get pageHidden(): boolean {
    return false;
  }
}

/** Stands in for the session storage in which the socket would remember its transport before anybody has done anything. */
export function memory(): Pick<Storage, "getItem" | "setItem"> {
  const held = new Map<string, string>();
  return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value) };
}

/**
 * Whether the server refuses the credential. A browser does not tell a refused WebSocket from an unreachable one, but
 * it tells how a plain request was answered.
 */
export async function isRefused(socket: string, query: Record<string, string> | null, token: string): Promise<boolean> {
  const url = new URL(`${socket.replace(/^ws/, "http")}/longpoll`);
  for (const [name, value] of Object.entries({ ...query, vsn: "2.0.0" })) url.searchParams.set(name, value);
  const headers: HeadersInit = query ? {} : { "X-Phoenix-AuthToken": token };
  const answer = await fetch(url, { headers }).catch(() => null);
  const told = answer?.status === 200 ? (await answer.json().catch(() => ({}))).status : answer?.status;
  return told === 401 || told === 403;
}
