import type { SendResult } from "#pkg/contracts/notifier.ts";

export interface NotificationAttempt {
  at: number;
  status: string;
  detail: string;
}

/** One message to one contact by one channel. */
export interface Notification {
  id: string;
  alertId: string;
  contactId: string;
  contactName: string;
  channel: string;
  status: "firing" | "resolved" | "test";
  state: "queued" | "sent" | "failed" | "suppressed";
  attempts: readonly NotificationAttempt[];
  /** Why it was suppressed or failed, for people. */
  reason: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface Notifier {
  get(id: string): Promise<Notification | undefined>;
  list(query: {
    alertId?: string;
    contactId?: string;
    state?: Notification["state"];
    limit?: number;
    cursor?: string;
  }): Promise<{ items: Notification[]; next: string | null }>;
  /** One attempt to each of the contact's channels, at once, with the provider's answer; recorded like any other. */
  test(contactId: string, by: string): Promise<readonly { channel: string; result: SendResult }[]>;
}
