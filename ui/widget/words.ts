import type { Participant, Refusal } from "./wire";

/** The formats of one reader: dates and times in their language and time zone. */
export class Words {
  private clockTime: Intl.DateTimeFormat;
  private weekday: Intl.DateTimeFormat;
  private date: Intl.DateTimeFormat;
  private dateAndYear: Intl.DateTimeFormat;

  constructor(locale: string) {
    const known = usable(locale);
    this.clockTime = new Intl.DateTimeFormat(known, { hour: "numeric", minute: "2-digit" });
    this.weekday = new Intl.DateTimeFormat(known, { weekday: "long" });
    this.date = new Intl.DateTimeFormat(known, { weekday: "short", day: "numeric", month: "long" });
    this.dateAndYear = new Intl.DateTimeFormat(known, { day: "numeric", month: "long", year: "numeric" });
  }

  time(at: number): string {
    return Number.isNaN(at) ? "" : this.clockTime.format(at);
  }

  /** "Today", "Yesterday", a weekday within the last six days, else the date. */
  day(at: number, now: number): string {
    const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
    if (days <= 0) return "Today";
    if (days === 1) return "Yesterday";
    if (days < 7) return this.weekday.format(at);
    return new Date(at).getFullYear() === new Date(now).getFullYear() ? this.date.format(at) : this.dateAndYear.format(at);
  }

  /** "14:30", or the day before it when that is not today. */
  moment(at: number, now: number): string {
    return midnight(at) === midnight(now) ? this.time(at) : `${this.date.format(at)}, ${this.time(at)}`;
  }
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

function usable(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}

/** Whether the language of `locale` is written from right to left. */
export function isRightToLeft(locale: string): boolean {
  return /^(ar|fa|he|iw|ur|ps|sd|ug|yi|dv|ckb)\b/i.test(locale);
}

/** "3 new messages". */
export function newMessages(count: number): string {
  return count === 1 ? "1 new message" : `${count} new messages`;
}

/** The names of the others: "Mira Okafor", "Mira and Tom", "Mira, Tom and 3 others". */
export function names(others: Participant[]): string {
  if (others.length === 0) return "";
  if (others.length === 1) return others[0].user.name;
  const first = others.map((p) => firstName(p.user.name));
  if (first.length === 2) return `${first[0]} and ${first[1]}`;
  if (first.length === 3) return `${first[0]}, ${first[1]} and ${first[2]}`;
  return `${first[0]}, ${first[1]} and ${first.length - 2} others`;
}

/** What one is called in short. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] || name;
}

/** Two letters for a person without a picture. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
  return letters.map((part) => [...part][0]?.toLocaleUpperCase() ?? "").join("") || "?";
}

/** The server's sentence about a refusal, or one for its reason. */
export function sentence(refusal: Refusal | undefined): string {
  if (refusal?.message) return refusal.message;
  const known: Record<string, string> = {
    unauthorized: "Your sign-in was not accepted.",
    forbidden: "You are not a member of this conversation.",
    not_found: "This conversation does not exist.",
    banned: "A moderator paused your messages.",
    read_only: "This conversation is closed for new messages.",
    offline: "You are not connected. Try again in a moment.",
    timeout: "The server did not answer. Try again in a moment.",
    too_long: "The message is too long.",
    client_id_conflict: "Another message went out in its place.",
  };
  return known[refusal?.reason ?? ""] ?? "The server did not accept it.";
}

/** A wait in words: "8 s", "4 min". */
export function wait(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
