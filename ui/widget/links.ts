/** A piece of a message: text, or an address that may be opened. */
export interface Piece {
  text: string;
  href?: string;
}

const address = /\b(?:https?:\/\/|www\.)[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gi;
const closing = /[.,;:!?…'"»”’*_~]$/;

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

/** Leaves a sentence's punctuation outside, and a bracket that was opened before the address. */
function withoutEnding(text: string): string {
  let cut = text;
  for (;;) {
    if (closing.test(cut)) cut = cut.slice(0, -1);
    else if (unopened(cut, "(", ")") || unopened(cut, "[", "]")) cut = cut.slice(0, -1);
    else return cut;
  }
}

function unopened(text: string, open: string, close: string): boolean {
  return text.endsWith(close) && text.split(open).length < text.split(close).length;
}

function safe(text: string): string | null {
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}
