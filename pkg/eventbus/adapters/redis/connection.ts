import type { RedisLink } from "#pkg/redis/client.ts";

/** A link whose connections are numbered: behind a new one may be another server, an older or an empty one. */
export interface Connection {
  link: RedisLink;
  epoch(): number;
  isUp(): boolean;
}

/** Numbers the connections of a link. */
export function watchConnection(link: RedisLink): Connection {
  let epoch = 0;
  link.client.on("ready", () => epoch++);
  return { link, epoch: () => epoch, isUp: () => link.client.isReady && link.fault() === undefined };
}
