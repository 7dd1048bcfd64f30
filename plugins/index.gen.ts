// Made by scripts/generate-plugin-index.ts; run it after a plugin folder came or went.
import type { Plugin } from "#pkg/contracts/plugin.ts";
import notifiersEmail from "./notifiers/email/index.ts";
import notifiersWebhook from "./notifiers/webhook/index.ts";
import scannersModbus from "./scanners/modbus/index.ts";
import scannersSnmp from "./scanners/snmp/index.ts";

/** Every plugin that ships with Detectviz. */
export const plugins: readonly Plugin[] = [notifiersEmail, notifiersWebhook, scannersModbus, scannersSnmp];
