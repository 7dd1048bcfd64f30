import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";

/** Who sends, as every record names it. */
export interface Origin {
  resource: Resource;
  scope: { name: string; version: string };
}

/** This node: one instance of the service "detectviz". */
export function createOrigin({ node, version }: { node: string; version: string }): Origin {
  const attributes = { "service.name": "detectviz", "service.version": version, "service.instance.id": node };
  return { resource: resourceFromAttributes(attributes), scope: { name: "detectviz", version } };
}
