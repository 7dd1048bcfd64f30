import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";

/** `type` is a notifier plugin's id; the other keys are that plugin's target settings. */
export interface Channel {
  type: string;
  minimumLevel?: AlertLevel;
  settings: Readonly<Record<string, unknown>>;
}

export interface Contact {
  id: string;
  name: string;
  email: string | null;
  locale: "en" | "zh-TW";
  channels: readonly Channel[];
  groups: readonly string[];
  active: boolean;
  source: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface Route {
  id: string;
  name: string;
  /** All must fit the alert's labels (with `severity`); none: everything. */
  matchers: readonly Matcher[];
  /** Names of contacts, and of groups; both empty: everyone. */
  contacts: readonly string[];
  groups: readonly string[];
  source: string | null;
}

export type ContactSpec = Omit<Contact, "id" | "source" | "createdAt" | "updatedAt">;
export type RouteSpec = Omit<Route, "id" | "source">;

export interface Contacts {
  create(spec: ContactSpec, by: string): Promise<Contact>;
  update(id: string, spec: ContactSpec, by: string): Promise<Contact>;
  remove(id: string, by: string): Promise<void>;
  get(id: string): Promise<Contact | undefined>;
  list(): Promise<Contact[]>;
  createRoute(spec: RouteSpec, by: string): Promise<Route>;
  removeRoute(id: string, by: string): Promise<void>;
  listRoutes(): Promise<Route[]>;
  setFromFiles(
    contacts: readonly (ContactSpec & { source: string })[],
    routes: readonly (RouteSpec & { source: string })[],
  ): Promise<void>;
  /** Who hears of an alert with these labels (`severity` among them). When no route fits, everyone who is active. */
  recipients(labels: Readonly<Record<string, string>>): Promise<readonly Recipient[]>;
  /** All channels of one contact, whatever its routes, levels and activity; empty when it is gone. */
  channels(contactId: string): Promise<readonly Recipient[]>;
}

/** One address of one contact; the channel's settings are complete, as its notifier takes them. */
export interface Recipient {
  contact: Contact;
  channel: Channel;
  channelIndex: number;
}
