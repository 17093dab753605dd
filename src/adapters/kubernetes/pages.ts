import { MAX_PAGES } from "./limits.ts";
import { invalidAnswer, RequestFailed } from "./request-failed.ts";

/** One page of a list as the client library returns it; nothing in it is certain. */
export interface Page<T> {
  readonly kind?: string;
  readonly items?: readonly T[];
  readonly metadata?: { readonly _continue?: string; readonly continue?: string };
}

export interface PageRequest {
  readonly limit: number;
  readonly _continue?: string;
}

/**
 * All pages of a list. The server keeps a list's snapshot for about five minutes; when it expires between two pages (410) the
 * whole list is read once more, because what was read and what would follow are of different moments.
 */
export async function everyPage<T>(
  kind: string,
  label: string,
  limit: number,
  list: (request: PageRequest) => Promise<Page<T>>,
): Promise<T[]> {
  try {
    return await readPages(kind, label, limit, list);
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.code !== "Expired") throw error;
    return readPages(kind, label, limit, list);
  }
}

async function readPages<T>(
  kind: string,
  label: string,
  limit: number,
  list: (request: PageRequest) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await list(next === undefined ? { limit } : { limit, _continue: next });
    if (page?.kind !== kind || !Array.isArray(page.items)) throw invalidAnswer(label, `no ${kind}`);
    if (page.items.some((item) => item === null || typeof item !== "object"))
      throw invalidAnswer(label, `a ${kind} with an empty item`);
    for (const item of page.items) items.push(item);
    // The typed lists call it `_continue`, custom objects keep the API's own name.
    next = page.metadata?._continue ?? page.metadata?.continue;
    if (next === undefined || next === "") return items;
  }
  throw new RequestFailed("TooLarge", `The list has more than ${MAX_PAGES} pages; name the namespaces to look into.`);
}
