/**
 * Everything that is not a visible character of its own: controls, escape sequences, direction overrides, zero-width characters,
 * line separators, unassigned code points, lone surrogates, marks that pile up on other characters, and odd spaces.
 */
const UNPRINTABLE = /[\p{C}\p{M}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text from outside as one line of harmless characters, at most `limit` of them. What cannot be shown is written as an escape,
 * so that nothing is lost and nothing acts on the terminal.
 */
export function printable(text: string, limit: number): string {
  // Cut before the work, since the text may be megabytes long. A character is at most two units long.
  const start = text.slice(0, limit * 2);
  const escaped = start
    .normalize("NFC")
    .replace(UNPRINTABLE, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`);
  const characters = [...escaped];
  if (characters.length <= limit && start === text) return escaped;
  return `${characters.slice(0, limit - 1).join("")}…`;
}
