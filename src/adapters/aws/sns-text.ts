/** SNS' limits (Publish in its API reference); a subject is for e-mail and refused when it is longer or not ASCII. */
const MAX_SUBJECT = 100;

/** Of a message, in UTF-8, with its attributes. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

const CUT = "\n\n[cut here: the message is longer than SNS takes; the function's log has the whole report]\n";

/** A subject that SNS takes: one line of printable ASCII, cut to length. */
export function snsSubject(text: string): string {
  const ascii = text
    .replace(/[‐-―]/g, "-")
    .replace(/\s+/g, " ")
    .replace(/[^ -~]/gu, "?")
    .trim();
  return ascii.length <= MAX_SUBJECT ? ascii : `${ascii.slice(0, MAX_SUBJECT - 3)}...`;
}

/** A text of at most so many bytes in UTF-8; cut between characters, and marked as such. */
export function snsMessage(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - Buffer.byteLength(CUT);
  // The bytes of a character after its first are 10xxxxxx.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString("utf8", 0, end)}${CUT}`;
}
