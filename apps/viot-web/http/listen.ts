/** `HOST:PORT` as the configuration says it. */
export function toAddress(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(":");
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(listen.slice(colon + 1)) };
}

/** Where programs on this machine reach a node that listens on `address`. */
export function toLocalUrl({ host, port }: { host: string; port: number }, secure: boolean): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${reachable}:${port}`;
}

/** Where programs on this machine reach a node with this `[http]`. */
export function toNodeUrl({ listen, tls }: { listen: string; tls?: unknown }): string {
  return toLocalUrl(toAddress(listen), tls !== undefined);
}
