import { render } from "preact";
import { Chat } from "./chat";
import type { Settings } from "./settings";
import { App } from "./view/app";
import { isRightToLeft } from "./words";

const style = PLANGA_STYLE;
let sheet: CSSStyleSheet | null = null;

/** Draws a chat into the shadow root of `host`, and returns the function that takes it away again. */
export function mount(host: HTMLElement, settings: Settings): () => void {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const chat = new Chat({ ...settings, locale: settings.locale || languageOf(host) });
  dress(shadow);
  render(<App chat={chat} rightToLeft={writesToTheLeft(host, settings.locale)} />, shadow);
  chat.start();
  return () => {
    chat.stop();
    render(null, shadow);
  };
}

/** Adopts the style sheet, which no content security policy of the page forbids. */
function dress(shadow: ShadowRoot): void {
  try {
    sheet ??= new CSSStyleSheet();
    if (sheet.cssRules.length === 0) sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers from before 2023 know no constructed sheets; they get an element, where the page permits it.
    const element = document.createElement("style");
    element.textContent = style;
    shadow.append(element);
  }
}

function languageOf(host: HTMLElement): string {
  return host.closest<HTMLElement>("[lang]")?.lang || navigator.language;
}

function writesToTheLeft(host: HTMLElement, locale: string): boolean {
  return locale ? isRightToLeft(locale) : getComputedStyle(host.parentElement ?? host).direction === "rtl";
}
