import { render } from "preact";
import { Chat } from "./chat";
import { dress } from "./dress";
import type { Settings } from "./settings";
import { App } from "./view/app";
import { isRightToLeft } from "./words";

/** Draws a chat into the shadow root of `host`, and returns the function that takes it away again. */
export function mount(host: HTMLElement, settings: Settings): () => void {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const chat = new Chat({ ...settings, locale: settings.locale || languageOf(host) });
  dress(shadow, PLANGA_STYLE);
  render(<App chat={chat} rightToLeft={writesToTheLeft(host, settings.locale)} />, shadow);
  chat.start();
  return () => {
    chat.stop();
    render(null, shadow);
  };
}

function languageOf(host: HTMLElement): string {
  return host.closest<HTMLElement>("[lang]")?.lang || navigator.language;
}

function writesToTheLeft(host: HTMLElement, locale: string): boolean {
  return locale ? isRightToLeft(locale) : getComputedStyle(host.parentElement ?? host).direction === "rtl";
}
