/** Where to go on to: a path of this node and nothing else, else the first page. */
export function safeNext(next: string | undefined): string {
  const base = "http://this.node";
  if (next === undefined || !next.startsWith("/") || !URL.canParse(next, base)) return "/";
  const { origin, pathname, search } = new URL(next, base);
  return origin !== base || pathname.startsWith("/login") || pathname.startsWith("//") ? "/" : pathname + search;
}
