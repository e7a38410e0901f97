import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import { asRefusal, type Message } from "../wire";
import { firstName, sentence } from "../words";
import { Closed, closedBecause } from "./closed";
import { Door } from "./door";
import { Icon } from "./icon";

const counterFrom = 200;
const sixLines = 132;

/** The message that is answered or edited. */
export interface About {
  kind: "reply" | "edit";
  message: Message;
}

interface ComposerState {
  text: string;
  about: About | null;
  /** What was being written when an edit began. */
  draft: string;
  /** Why the edit was not taken. */
  trouble: string;
}

export interface ComposerProps {
  chat: Chat;
  now: number;
  /** Is given the composer while it is on the page. */
  handle: { current: Composer | null };
}

/** Where the visitor writes. Enter sends, Shift and Enter begins a line. */
export class Composer extends Component<ComposerProps, ComposerState> {
  override state: ComposerState = { text: "", about: null, draft: "", trouble: "" };
  private field = createRef<HTMLTextAreaElement>();

  override componentDidMount(): void {
    this.props.handle.current = this;
  }

  override componentWillUnmount(): void {
    this.props.handle.current = null;
  }

  /** Puts a text into the field, before what stands there already, and the cursor behind it. */
  take(body: string): void {
    const text = [body, this.state.text].filter(Boolean).join("\n");
    this.setState({ text }, () => this.grow());
    this.focus();
  }

  /** Answers or edits a message with what is written from now on. */
  turnTo(about: About): void {
    this.leave();
    const edits = about.kind === "edit";
    this.setState(({ text }) => ({ about, draft: edits ? text : "", text: edits ? about.message.body : text }), () => this.grow());
    this.focus();
  }

  focus(): void {
    this.field.current?.focus({ preventScroll: true });
  }

  override render() {
    const closed = closedBecause(this.props.chat, this.props.now);
    if (closed) return <Closed {...closed} />;
    const { chat } = this.props;
    const { text, about, trouble } = this.state;
    const left = chat.conversation.bodyLimit - lengthOf(text.trim());
    const to = labelOf(chat);
    return (
      <form class="pl-compose" onSubmit={(e) => this.submit(e)}>
        <div class="pl-box">
          {about && <Door chat={chat} draw={({ Strip }) => <Strip {...{ chat, about }} onLeave={() => this.leave()} />} />}
          <div class="pl-row">
            <textarea
              ref={this.field}
              rows={1}
              dir={text ? "auto" : undefined}
              value={text}
              placeholder={to}
              aria-label={to}
              aria-describedby={left < 0 ? "too-long" : undefined}
              aria-invalid={left < 0}
              enterkeyhint="send"
              onInput={(e) => this.wrote(e.currentTarget.value)}
              onKeyDown={(e) => this.keyed(e)}
            />
            {left < counterFrom && <span class={`pl-count${left < 0 ? " is-bad" : ""}`} aria-hidden="true">{left < 0 ? `−${-left}` : left}</span>}
            <button type="submit" class="pl-send" aria-label="Send" disabled={!text.trim() || left < 0}>
              <Icon name="send" />
            </button>
          </div>
        </div>
        {left < 0 && <p class="pl-hint" id="too-long" role="status">This is {-left} {left === -1 ? "character" : "characters"} too long. Shorten it or send it in two parts.</p>}
        {trouble && <p class="pl-hint" role="alert">{trouble}</p>}
      </form>
    );
  }

  private wrote(text: string): void {
    if (text.trim()) this.props.chat.conversation.typing();
    this.setState({ text }, () => this.grow());
  }

  private keyed(event: KeyboardEvent): void {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Escape" && this.state.about) {
      event.stopPropagation();
      this.leave();
    }
    if (event.key === "ArrowUp" && !this.state.text && !this.state.about) this.editLast(event);
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !composing) this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const body = this.state.text.trim();
    if (!body || lengthOf(body) > this.props.chat.conversation.bodyLimit) return;
    const { about } = this.state;
    if (about?.kind === "edit") return void this.edit(about.message, body);
    this.props.chat.conversation.send(body, about?.message.id);
    this.setState({ text: "", about: null }, () => this.grow());
    this.focus();
  }

  /** Has the message changed; until the server has taken it, the text stays in the field. */
  private async edit({ id, body: before }: Message, body: string): Promise<void> {
    if (body !== before) {
      const refusal = await this.props.chat.conversation.ask("edit_message", { id, body }).then(() => null, asRefusal);
      if (refusal) return this.setState({ trouble: sentence(refusal) });
    }
    if (this.state.about?.message.id === id) this.leave();
  }

  private editLast(event: Event): void {
    const { conversation } = this.props.chat;
    const message = conversation.messages.findLast((m) => conversation.isMineToChange(m));
    if (!message) return;
    event.preventDefault();
    this.turnTo({ kind: "edit", message });
  }

  /** Neither answers nor edits any more; what was being written before an edit is back. */
  private leave(): void {
    this.setState(({ about, text, draft }) => ({ about: null, draft: "", trouble: "", text: about?.kind === "edit" ? draft : text }), () => this.grow());
    this.focus();
  }

  /** Grows with the text up to six lines, where the browser does not do it by itself. */
  private grow(): void {
    const field = this.field.current;
    if (!field || CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, sixLines)}px`;
  }
}

function labelOf(chat: Chat): string {
  const { others } = chat.conversation.people;
  return others.length === 1 ? `Message ${firstName(others[0].user.name)}` : "Write a message";
}

/** Length in code points, as the server counts. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
