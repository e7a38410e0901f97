import { fromAttributes, type PlangaOptions } from "./settings";

/**
 * Opens the chat that the script's own tag asks for with `data-` attributes, when there are any:
 * `data-token`, `data-token-url`, `data-conversation`, `data-mode`, `data-theme`, `data-locale`, `data-heading`,
 * `data-host`, and `data-target` for the element to put it in (otherwise it stands where the tag stands).
 */
export function startFromScript(open: (element: Element, options: PlangaOptions) => void): void {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const { token, tokenUrl, conversation, target } = script.dataset;
  if (token === undefined && tokenUrl === undefined && conversation === undefined) return;
  const options = fromAttributes((name) => script.getAttribute(`data-${name}`));
  whenParsed(() => open(placeFor(script, target, options), options));
}

function placeFor(script: HTMLScriptElement, target: string | undefined, options: PlangaOptions): Element {
  const named = target ? document.querySelector(target) : null;
  if (named) return named;
  if (options.mode === "popup" || !document.body.contains(script)) return document.body;
  const place = document.createElement("div");
  script.after(place);
  return place;
}

function whenParsed(deed: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", deed, { once: true });
  else deed();
}
