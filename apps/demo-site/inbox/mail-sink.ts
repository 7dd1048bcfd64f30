import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import type { Inbox } from "./inbox.ts";

const maxMailBytes = 1024 * 1024;

/** Takes every mail, without log-in or TLS (loopback only), and puts it into the inbox. */
export async function openMailSink({ host, port }: { host: string; port: number }, inbox: Inbox) {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    size: maxMailBytes,
    logger: false,
    disableReverseLookup: true,
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo.map((recipient) => recipient.address).join(", ");
      simpleParser(stream).then((mail) => {
        inbox.add(toItem(mail, to));
        callback();
      }, callback);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A client that hangs up in the middle is its own affair.
      server.on("error", () => undefined);
      resolve();
    });
  });
  const address = server.server.address() as AddressInfo;
  return { port: address.port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

function toItem(mail: ParsedMail, to: string) {
  const delivery = mail.headers.get("x-detectviz-delivery");
  return {
    kind: "email" as const,
    to,
    subject: mail.subject ?? "",
    delivery: typeof delivery === "string" ? delivery : null,
    text: mail.text ?? "",
  };
}
