import { Component, createRef } from "preact";
import type { Chat } from "../chat";
import { firstName } from "../words";
import { Icon } from "./icon";

const counterFrom = 200;
const sixLines = 132;

export interface ComposerProps {
  chat: Chat;
  now: number;
  /** Is given the composer while it is on the page. */
  handle: { current: Composer | null };
}

/** Where the visitor writes. Enter sends, Shift and Enter begins a line. */
export class Composer extends Component<ComposerProps, { text: string }> {
  override state = { text: "" };
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

  focus(): void {
    this.field.current?.focus({ preventScroll: true });
  }

  override render() {
    const closed = closedBecause(this.props.chat, this.props.now);
    if (closed) return <Closed {...closed} />;
    const { chat } = this.props;
    const { text } = this.state;
    const left = chat.conversation.bodyLimit - lengthOf(text.trim());
    const to = labelOf(chat);
    return (
      <form class="pl-compose" onSubmit={(e) => this.submit(e)}>
        <div class="pl-box">
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
      </form>
    );
  }

  private wrote(text: string): void {
    if (text.trim()) this.props.chat.conversation.typing();
    this.setState({ text }, () => this.grow());
  }

  private keyed(event: KeyboardEvent): void {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !composing) this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const body = this.state.text.trim();
    if (!body || lengthOf(body) > this.props.chat.conversation.bodyLimit) return;
    this.props.chat.conversation.send(body);
    this.setState({ text: "" }, () => this.grow());
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

interface Reason {
  icon: "ban" | "lock";
  title: string;
  text: string;
}

function Closed({ icon, title, text }: Reason) {
  return (
    <div class="pl-compose">
      <div class="pl-closed" role="status">
        <Icon name={icon} />
        <div><b>{title}</b>{text}</div>
      </div>
    </div>
  );
}

function closedBecause(chat: Chat, now: number): Reason | null {
  const { people, readOnly, isModerator } = chat.conversation;
  const until = Date.parse(people.me?.banned_until ?? "");
  if (until > now) return { icon: "ban", title: pausedTitle(chat, until, now), text: "A moderator paused your messages. You can still read." };
  if (people.me?.role === "reader") return { icon: "lock", title: "You can read here", text: "Only others can write in this conversation." };
  if (readOnly && !isModerator) return { icon: "lock", title: "This conversation is closed", text: "You can still read everything." };
  return null;
}

function pausedTitle(chat: Chat, until: number, now: number): string {
  const aYear = 366 * 86_400_000;
  return until - now > aYear ? "You cannot write here" : `You can write again at ${chat.words.moment(until, now)}`;
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
