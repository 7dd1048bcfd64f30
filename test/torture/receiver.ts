import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "../fixtures/random.ts";

/** One request that the receiver answered with 200. */
export interface Heard {
  delivery: string;
  /** `rule device part`. */
  name: string;
  /** `firing warning`, in the order of the body. */
  says: string;
  body: string;
}

/** A webhook that is sometimes slow, sometimes answers 500, and sometimes never. */
export interface Receiver {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** From now on every request is answered at once. */
  calm(isCalm: boolean): void;
  close(): Promise<void>;
}

export async function openReceiver(random: Random): Promise<Receiver> {
  const heard: Heard[] = [];
  let isCalm = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the node died while it sent
    }
    const mood = isCalm ? 1 : random.next();
    if (mood < 0.08) return void response.writeHead(500).end("not now");
    if (mood < 0.2) await new Promise((resolve) => setTimeout(resolve, random.int(5, 200)));
    const body = Buffer.concat(chunks).toString();
    const delivery = String(request.headers["x-detectviz-delivery"]);
    heard.push({ delivery, ...toWords(body), body });
    // Received, but the sender does not hear of it.
    if (mood > 0.2 && mood < 0.25) return void response.destroy();
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    calm(is) {
      isCalm = is;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toWords(text: string): { name: string; says: string } {
  const { alerts } = JSON.parse(text) as { alerts: { status: string; labels: Record<string, string> }[] };
  const names = alerts.map(({ labels }) => toName(labels));
  return {
    name: [...new Set(names)].join(" and "),
    says: alerts.map(({ status, labels }) => `${status} ${labels["severity"]}`).join(", "),
  };
}

/** `rule device part` of an alert. */
export function toName(labels: Readonly<Record<string, string>>): string {
  return `${labels["alertname"]} ${labels["device"]} ${labels["part"]}`;
}
