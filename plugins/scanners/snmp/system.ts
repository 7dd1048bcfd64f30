import { parseOid } from "./oid.ts";

/** Texts of SNMPv2-MIB's system group, as OIDs. */
export const sysDescr = "1.3.6.1.2.1.1.1.0";
export const sysObjectId = "1.3.6.1.2.1.1.2.0";
export const sysName = "1.3.6.1.2.1.1.5.0";

/** What a sweep asks for, in this order. */
export const sweepOids = [sysDescr, sysObjectId, sysName].map(parseOid);
