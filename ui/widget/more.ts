import type * as Part from "./more/more";
import { lend } from "./lend";
import { server } from "./settings";

/** The part of the widget that is fetched when it is first wanted. */
export type More = typeof Part;

let asked: Promise<More> | null = null;
let here: More | null = null;

/** The part, once it was fetched. */
export function moreIfHere(): More | null {
  return here;
}

/**
 * Fetches the rest of the widget from where the script came from, once. Rejects when it is not to be had, as for a
 * script that a browser kept while its server was replaced; a later call tries again.
 */
export function more(from: string): Promise<More> {
  asked ??= fetched(`${server || from}/chunks/${PLANGA_MORE}`);
  return asked;
}

async function fetched(address: string): Promise<More> {
  try {
    const { default: unfold } = await import(address);
    here = unfold(lend) as More;
    return here;
  } catch (problem) {
    asked = null;
    throw problem;
  }
}
