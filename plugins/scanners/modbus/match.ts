import type { DeviceProfile, ModbusTable, ProfileMatch } from "#pkg/contracts/profile.ts";
import type { DeviceIdentification } from "./requests.ts";

/** Registers that hold a text. */
export interface TextRegisters {
  register: ModbusTable;
  address: number;
  length: number;
}

type RegisterMatch = Extract<ProfileMatch, { registers: unknown }>["registers"];
type IdentificationMatch = Extract<ProfileMatch, { deviceIdentification: unknown }>["deviceIdentification"];

/** The registers that profiles want to see as text, each once. */
export function registersToMatch(profiles: readonly DeviceProfile[]): TextRegisters[] {
  const all = profiles.flatMap((profile) => registerMatches(profile));
  return [
    ...new Map(
      all.map(({ register, address, length }) => [`${register} ${address} ${length}`, { register, address, length }]),
    ).values(),
  ];
}

/** The profile whose text is found in these registers; the longest text wins. */
export function profileByText(
  profiles: readonly DeviceProfile[],
  at: TextRegisters,
  text: string,
): DeviceProfile | null {
  return longest(
    profiles.flatMap((profile) =>
      registerMatches(profile)
        .filter((match) => match.register === at.register && match.address === at.address && match.length === at.length)
        .filter((match) => has(text, match.contains))
        .map((match) => ({ profile, length: match.contains.length })),
    ),
  );
}

/** The profile that fits what function 43/14 says. */
export function profileByIdentification(
  profiles: readonly DeviceProfile[],
  said: DeviceIdentification,
): DeviceProfile | null {
  const product = [said.product, said.model].filter((text) => text !== null).join("\n");
  return longest(
    profiles.flatMap((profile) =>
      identificationMatches(profile)
        .filter((match) => match.vendor === undefined || has(said.vendor ?? "", match.vendor))
        .filter((match) => match.product === undefined || has(product, match.product))
        .map((match) => ({ profile, length: (match.vendor?.length ?? 0) + 2 * (match.product?.length ?? 0) })),
    ),
  );
}

function longest(found: readonly { profile: DeviceProfile; length: number }[]): DeviceProfile | null {
  return found.toSorted((a, b) => b.length - a.length)[0]?.profile ?? null;
}

function matchesOf({ match }: DeviceProfile): readonly ProfileMatch[] {
  return [match].flat();
}

function registerMatches(profile: DeviceProfile): RegisterMatch[] {
  return matchesOf(profile).flatMap((match) => ("registers" in match ? [match.registers] : []));
}

function identificationMatches(profile: DeviceProfile): IdentificationMatch[] {
  return matchesOf(profile).flatMap((match) => ("deviceIdentification" in match ? [match.deviceIdentification] : []));
}

function has(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
