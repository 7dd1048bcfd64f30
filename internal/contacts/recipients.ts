import { type AlertLevel, alertLevels } from "#pkg/contracts/alerting.ts";
import type { Contact, Recipient, Route } from "./contract.ts";
import { fits } from "./matchers.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Who hears of an alert with these labels: everyone named by a route that fits. When no route fits, the default route
 * holds: everyone. A channel with a minimum level hears of that level and above.
 */
export function selectRecipients(contacts: readonly Contact[], routes: readonly Route[], labels: Labels): Recipient[] {
  const fitting = routes.filter((route) => fits(route.matchers, labels));
  const isNamed = (contact: Contact) => fitting.length === 0 || fitting.some((route) => names(route, contact));
  return contacts
    .filter((contact) => contact.active && isNamed(contact))
    .flatMap(addressesOf)
    .filter(({ channel }) => reaches(labels["severity"], channel.minimumLevel));
}

/** All addresses of one contact. */
export function addressesOf(contact: Contact): Recipient[] {
  return contact.channels.map((channel, channelIndex) => ({ contact, channel, channelIndex }));
}

function names(route: Route, contact: Contact): boolean {
  if (route.contacts.length === 0 && route.groups.length === 0) return true;
  return route.contacts.includes(contact.name) || contact.groups.some((group) => route.groups.includes(group));
}

/** A severity that is none of ours is told rather than lost. */
function reaches(severity: string | undefined, minimum: AlertLevel | undefined): boolean {
  const rank = (alertLevels as readonly string[]).indexOf(severity ?? "");
  return minimum === undefined || rank === -1 || rank >= alertLevels.indexOf(minimum);
}
