/** What Telegraf may see of the machine's environment: how to show text and time, and which authorities to trust. */
const allowed = ["LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/**
 * Telegraf's whole environment: Telegraf puts variables into values, so nothing of the machine's may be there that a
 * file could ask for. `own` are ours, such as the way back to the node and its token.
 */
export function toTelegrafEnvironment(
  machine: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = allowed.flatMap((name) => {
    const value = machine[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...own };
}
