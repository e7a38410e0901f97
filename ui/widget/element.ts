import { mount } from "./mount";
import { completed, fromAttributes, type PlangaOptions } from "./settings";

/**
 * The chat as an element. It needs the script once on the page, and takes the options as attributes in lower case
 * with hyphens: `token`, `token-url`, `conversation`, `host`, `mode`, `theme`, `locale`, `heading`.
 *
 * @example
 * <planga-chat conversation="bike-3977" token="eyJ…" token-url="/planga-token"></planga-chat>
 */
export class ChatElement extends HTMLElement {
  /**
   * Called when a fresh token is needed. Set it before the element is put on the page.
   *
   * @example
   * element.onTokenExpired = () => fetch("/planga-token").then((answer) => answer.text());
   */
  onTokenExpired: PlangaOptions["onTokenExpired"];
  private unmount: (() => void) | null = null;

  /** Opens the chat; the browser calls it when the element is put on the page. */
  connectedCallback(): void {
    const options = fromAttributes((name) => this.getAttribute(name));
    if (this.onTokenExpired) options.onTokenExpired = this.onTokenExpired;
    const settings = completed(options);
    this.dataset.planga = settings.mode;
    this.unmount ??= mount(this, settings);
  }

  /** Leaves the conversation; the browser calls it when the element is taken off the page. */
  disconnectedCallback(): void {
    this.unmount?.();
    this.unmount = null;
  }
}
