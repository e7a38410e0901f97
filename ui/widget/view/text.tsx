import { pieces } from "../links";

const onlyEmoji = /^(?:\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic})*){1,3}$/u;

/** Whether a text is nothing but one to three emoji, which are drawn large. */
export function isBig(text: string): boolean {
  return text.length < 40 && onlyEmoji.test(text.trim());
}

/** What a person wrote, as text nodes, with web addresses that can be opened. */
export function Text({ body }: { body: string }) {
  return (
    <>
      {pieces(body).map((piece) =>
        piece.href ? (
          <a href={piece.href} target="_blank" rel="noopener nofollow ugc">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
