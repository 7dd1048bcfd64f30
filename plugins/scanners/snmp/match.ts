import type { DeviceProfile, ProfileMatch } from "#pkg/contracts/profile.ts";
import { isWithin, parseOid } from "./oid.ts";

/** What an SNMP device says of itself in the sweep. Null is what it did not say. */
export interface SystemTexts {
  sysDescr: string | null;
  sysObjectId: string | null;
  sysName: string | null;
}

type SnmpMatch = Exclude<ProfileMatch, { registers: unknown } | { deviceIdentification: unknown }>;

interface Candidate {
  profile: DeviceProfile;
  match: SnmpMatch;
}

/** The ways to recognise a profile that the system texts do not rule out; some of them name an OID to be read. */
export function candidatesFor(texts: SystemTexts, profiles: readonly DeviceProfile[]): Candidate[] {
  return profiles
    .filter((profile) => profile.protocol === "snmp")
    .flatMap((profile) => matchesOf(profile).map((match) => ({ profile, match })))
    .filter(({ match }) => fits(match, texts));
}

/** The OIDs that the candidates want to see. */
export function oidsToMatch(candidates: readonly Candidate[]): string[] {
  return [...new Set(candidates.flatMap(({ match }) => (match.oid ? [match.oid.oid] : [])))];
}

/**
 * The profile that fits most exactly: a text at an OID before one in sysDescr before a sysObjectID prefix, and among
 * equals the longer one. Null when none fits.
 */
export function bestProfile(
  candidates: readonly Candidate[],
  valueAt: (oid: string) => string | null,
): DeviceProfile | null {
  const holding = candidates.filter(({ match }) => !match.oid || contains(valueAt(match.oid.oid), match.oid.contains));
  const [best] = holding.toSorted((a, b) => exactness(b.match) - exactness(a.match));
  return best?.profile ?? null;
}

function matchesOf({ match }: DeviceProfile): SnmpMatch[] {
  const all: readonly ProfileMatch[] = Array.isArray(match) ? match : [match];
  return all.filter((one): one is SnmpMatch => !("registers" in one) && !("deviceIdentification" in one));
}

function fits(match: SnmpMatch, { sysObjectId, sysDescr }: SystemTexts): boolean {
  if (!match.sysObjectId && !match.sysDescr && !match.oid) return false;
  if (match.sysObjectId && !(sysObjectId && isWithin(parseOid(match.sysObjectId), parseOid(sysObjectId)))) return false;
  return !match.sysDescr || contains(sysDescr, match.sysDescr);
}

function contains(text: string | null, part: string): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}

function exactness({ oid, sysDescr, sysObjectId }: SnmpMatch): number {
  const ofOid = oid ? 100_000 + oid.contains.length * 1000 : 0;
  const ofDescr = sysDescr ? 10_000 + sysDescr.length * 100 : 0;
  return ofOid + ofDescr + (sysObjectId?.split(".").length ?? 0);
}
