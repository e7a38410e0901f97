import { mount } from "./mount";
import { completed, OptionsError, type PlangaOptions, type PlangaOptions2018 } from "./settings";
import { ChatElement } from "./element";
import { startFromScript } from "./scripttag";

export type { Mode, PlangaOptions, PlangaOptions2018, Theme } from "./settings";

/**
 * A chat on the page. It shows itself inside `element`, or in the corner of the page in popup mode.
 *
 * @example
 * const chat = new Planga("#chat", { conversation: "bike-3977", token: "eyJ…", tokenUrl: "/planga-token" });
 *
 * @example
 * // Pages written for Planga in 2018 go on working:
 * new Planga(element, { public_api_id: "…", encrypted_options: "…", socket_location: "//chat.example.com/socket" });
 */
export class Planga {
  private host: HTMLElement;
  private unmount: (() => void) | null;

  /**
   * Opens the chat at once. `element` is an element or a selector for one; null stands for the page's body.
   * Throws an OptionsError that says what to write when the options cannot work.
   *
   * @example
   * new Planga(null, { mode: "popup", conversation: "support-81", tokenUrl: "/planga-token" });
   */
  constructor(element: Element | string | null, options: PlangaOptions | PlangaOptions2018) {
    const settings = completed(options);
    const parent = typeof element === "string" ? document.querySelector(element) : (element ?? document.body);
    if (!parent) throw new OptionsError(`There is no element "${element}" on the page to put the chat in.`);
    this.host = document.createElement("div");
    this.host.dataset.planga = settings.mode;
    if (parent.getBoundingClientRect().height < 160) this.host.dataset.height = "own";
    parent.append(this.host);
    this.unmount = mount(this.host, settings);
  }

  /**
   * Leaves the conversation and takes the chat off the page. Harmless when called twice. Unsent messages are kept
   * in the browser and go out when the conversation is opened there again.
   *
   * @example
   * chat.destroy();
   */
  destroy(): void {
    this.unmount?.();
    this.unmount = null;
    this.host.remove();
  }
}

(window as unknown as { Planga: typeof Planga }).Planga = Planga;
if (!customElements.get("planga-chat")) customElements.define("planga-chat", ChatElement);
startFromScript((element, options) => new Planga(element, options));
