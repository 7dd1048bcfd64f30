/** A calm site on loopback: nothing is scanned by itself, Telegraf reads each second. `more` is further TOML. */
export function siteConfig(more = "", { telegraf = "", scan = "" } = {}): string {
  return `[node]
name = "test site"

[scan]
allow = ["127.0.0.0/8"]
accept = "ask"
${scan}
[scan.pace]
per_device = "5ms"
timeout = "500ms"

[telegraf]
interval = "1s"
watch_timeout = "8s"
${telegraf}

[notifier]
retry_first = "100ms"

${more}
`;
}

/** One contact whose only channel is a webhook. */
export function webhookContact(url: string): string {
  return `[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "${url}" }]
`;
}

/** For nodes that collect nothing: neither Telegraf nor Go is found. */
export const withoutTelegraf: NodeJS.ProcessEnv = { TELEGRAF_BIN: "", PATH: "/nonexistent" };
