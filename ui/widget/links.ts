/** A piece of a message: text, or an address that may be opened. */
export interface Piece {
  text: string;
  href?: string;
}

const address = /\b(?:https?:\/\/|www\.)(?=[\p{L}\p{N}[])[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/giu;
const punctuation = ".,;:!?…'\"»”’*_~";

/** Cuts a text at the web addresses in it. Nothing but http and https is ever made a link. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const shown = withoutEnding(match[0]);
    const href = safe(shown);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** Leaves a sentence's punctuation outside, and brackets that were opened before the address. */
function withoutEnding(text: string): string {
  const unopened = { ")": count(text, ")") - count(text, "("), "]": count(text, "]") - count(text, "[") };
  let end = text.length;
  for (; end > 0; end--) {
    const last = text[end - 1];
    if ((last === ")" || last === "]") && unopened[last] > 0) unopened[last]--;
    else if (!punctuation.includes(last)) break;
  }
  return text.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function safe(text: string): string | null {
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
