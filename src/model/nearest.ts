/**
 * The candidate a person most probably meant, by the number of letters to insert, remove, replace or swap; a longer or shorter
 * form of the same word is as near as one letter.
 *
 * @returns null when none is near: at most a third of the letters may be wrong
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const lower = word.toLowerCase().slice(0, 100);
  let best: string | null = null;
  let least = Math.floor(lower.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = apart(lower, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Shorter words begin too many others. */
const SHORTEST_BEGINNING = 3;

function apart(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length >= SHORTEST_BEGINNING && short !== long && long.startsWith(short)) return 1;
  return lettersApart(a, b);
}

/** Damerau-Levenshtein distance, restricted to swaps of neighbours. */
function lettersApart(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
