import { printable } from "./printable.ts";

const HIDDEN = "[looks like a credential]";

/** By their beginning: a JSON Web Token, a presigned token of EKS, a key id of AWS, a key in PEM, bare or in base64. */
const BEGINNINGS = /eyJ[\w.-]{5,}|k8s-aws-v1\.[\w-]*|(?:AKIA|ASIA)[A-Z0-9]{8,}|-----BEGIN[\s\S]*|LS0tLS1[\w+/=]*/g;

/** By their place: behind a scheme of HTTP, before the host of a URL, or under a name that says it. */
const PLACES =
  /(?<=\b(?:Bearer|Basic) )\S+|(?<=:\/\/)[^\s/@]+(?=@)|(?<=(?:token|passw(?:or)?d|secret|key|signature)["']?[=:] ?["']?)(?!\[looks)[^\s"',&]{4,}/gi;

/** By what they are made of: a long number in hexadecimal, which is no word and no decimal number. */
const HEXADECIMAL = /\b(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{20,}\b/g;

/** By their looks: first what has slashes, as base64 and paths have, then what has none. */
const LONG_WORDS = [/[A-Za-z0-9+/]{40,}={0,2}/g, /[\w+=.~-]{20,}/g];

/** So many characters are followed by one of another kind: in random text six of ten, in words and numbers hardly any. */
const RANDOM = 0.35;

/**
 * Text that somebody wrote or typed, as it may be repeated to them: they may have put a token, a password or a key where another value
 * belongs, and what is repeated ends up in the logs of build servers. A guess: a password that is a word stays.
 */
export function withoutCredentials(text: string): string {
  const known = [BEGINNINGS, PLACES, HEXADECIMAL].reduce((shown, mark) => shown.replace(mark, HIDDEN), text);
  return LONG_WORDS.reduce(
    (shown, words) => shown.replace(words, (word) => (looksRandom(word) ? HIDDEN : word)),
    known,
  );
}

function looksRandom(word: string): boolean {
  const changes = word.match(/(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[a-z0-9]|(?<=[0-9])[A-Za-z]/g) ?? [];
  return changes.length / word.length >= RANDOM;
}

/**
 * A path as it may be shown: whole, since a person must be able to find the file. Where the content of a file was given for its path, as
 * happens with the variables of build servers, nothing of it is shown.
 */
export const showPath = (path: string): string =>
  /[\n{]/.test(path) ? "[a text, not the path of a file]" : printable(withoutCredentials(path), 4_096);
