const longestName = 100;

/** Characters that a screen would not show, or would show elsewhere: controls, line ends, bidirectional marks. */
const unshown = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * The device's name: `pattern` filled from the tags when all of its `${tag}` are there, else what the device calls
 * itself, cleaned for display, else its key.
 */
export function toDeviceName(
  pattern: string,
  device: { key: string; sysName: string | null; tags: Readonly<Record<string, string>> },
): string {
  return fillPattern(pattern, device.tags) ?? (toDisplayText(device.sysName ?? "") || device.key);
}

function fillPattern(pattern: string, tags: Readonly<Record<string, string>>): string | undefined {
  const wanted = [...pattern.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? "");
  if (wanted.length === 0 || wanted.some((tag) => !tags[tag])) return undefined;
  return pattern.replaceAll(/\$\{(\w+)\}/g, (_, tag: string) => tags[tag] ?? "");
}

/** One line of at most 100 characters without anything a screen would hide. It is still hostile text. */
export function toDisplayText(text: string): string {
  return [...text.replaceAll(unshown, " ").replaceAll(/\s+/g, " ").trim()].slice(0, longestName).join("");
}
