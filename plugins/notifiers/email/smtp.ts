import type { Static } from "typebox";
import type { NotificationMessage, SendResult } from "#pkg/contracts/notifier.ts";
import type { config } from "./config.ts";
import { toMailText } from "./mail.ts";

type SmtpSettings = Static<typeof config>;

/** Hands one message to the mail server. The library is loaded with the first mail. Throws what the connection throws. */
export async function sendMail(
  settings: SmtpSettings,
  address: string,
  message: NotificationMessage,
): Promise<SendResult> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    requireTLS: settings.starttls === "always",
    ignoreTLS: settings.starttls === "never",
    ...(settings.user ? { auth: { user: settings.user, pass: settings.password } } : {}),
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 8_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      from: settings.from,
      to: { name: "", address },
      ...toMailText(message),
      messageId: `<${message.deliveryId}@detectviz>`,
      headers: { "X-Detectviz-Delivery": message.deliveryId, "Auto-Submitted": "auto-generated" },
    });
    return { delivered: true, status: Number.parseInt(sent.response, 10) || "sent", detail: sent.response };
  } finally {
    transport.close();
  }
}

/** The server's refusal as a result; undefined when it was no refusal but a failed connection. 4xx may pass by itself. */
export function toRefusal(error: unknown): SendResult | undefined {
  const { responseCode, response, code } = error as { responseCode?: number; response?: string; code?: string };
  if (responseCode === undefined) return undefined;
  // A wrong password is mended in the configuration while messages wait; a refused address is not.
  const retryable = responseCode < 500 || code === "EAUTH";
  return { delivered: false, status: responseCode, detail: response ?? "", retryable };
}
