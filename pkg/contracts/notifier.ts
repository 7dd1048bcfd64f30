import type { AlertLevel } from "./alerting.ts";

/** One alert inside a message. */
export interface NotifiedAlert {
  alertId: string;
  fingerprint: string;
  status: "firing" | "resolved";
  level: AlertLevel;
  /** `alertname` and `severity` included. */
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  value: number | null;
  startsAt: number;
  endsAt: number | null;
  /** Link to the alert's page. */
  generatorUrl: string;
}

/** One message to one address; the same object on every attempt. */
export interface NotificationMessage {
  /** Goes out with the message (X-Detectviz-Delivery), the same on all attempts. */
  deliveryId: string;
  groupKey: string;
  status: "firing" | "resolved";
  receiver: string;
  groupLabels: Readonly<Record<string, string>>;
  alerts: readonly NotifiedAlert[];
  externalUrl: string;
  /** A test message says so in its text. */
  test: boolean;
  locale: "en" | "zh-TW";
  /** The contact's channel settings: `{url}` for a webhook, `{address}` for e-mail … checked by `channel`'s schema. */
  target: Readonly<Record<string, unknown>>;
}

/** What came of one attempt. `detail` is the other side's own word, for people. */
export type SendResult =
  | { delivered: true; status: number | string; detail: string }
  | { delivered: false; status: number | string; detail: string; retryable: boolean };

/** Sends one message, once; the notifier retries, times out, records and redacts. A throw counts as retryable. */
export interface NotifierPlugin {
  send(message: NotificationMessage, signal: AbortSignal): Promise<SendResult>;
  /** JSON schema of `target`. */
  readonly target: import("typebox").TSchema;
  close?(): Promise<void>;
}
