/** Everything of a list that is given page by page, up to `most`. */
export async function allPages<T>(
  read: (cursor: { cursor?: string }) => Promise<{ items: readonly T[]; next: string | null }>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const all: T[] = [];
  let next: string | null = null;
  do {
    const page: { items: readonly T[]; next: string | null } = await read(next === null ? {} : { cursor: next });
    all.push(...page.items);
    next = page.next;
  } while (next !== null && all.length < most);
  return all;
}
