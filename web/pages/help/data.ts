import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface HelpData {
  name: string;
  /** Markdown. */
  text: string;
}

/** One of the documents that come with this version; null when there is none of this name. */
export async function helpData(request: PageRequest, services: PageServices): Promise<HelpData | null> {
  const name = request.params["name"] ?? "";
  const text = await services.documents.read(name);
  return text === undefined ? null : { name, text };
}
