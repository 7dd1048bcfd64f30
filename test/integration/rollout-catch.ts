import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** An InfluxDB v2 write endpoint on a free port that keeps the lines of devices and when each was last heard of. */
export async function openLineCatch() {
  const lines: string[] = [];
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    for (const line of text.toString().split("\n")) {
      const key = /,device=([^, ]+)/.exec(line)?.[1];
      if (key === undefined) continue;
      lines.push(line);
      seen.set(key, Math.max(seen.get(key) ?? 0, Number(line.slice(line.lastIndexOf(" ") + 1)) / 1e6));
    }
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lines,
    lastSeen: (deviceKey: string) => seen.get(deviceKey),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
