import { isDeepStrictEqual } from "node:util";
import { Document, isSeq, parseDocument, YAMLSeq } from "yaml";
import { AppError } from "#pkg/errors/errors.ts";
import type { DataRecord, NotedSource } from "../port.ts";
import { idOf } from "../rows.ts";
import { type Codec, megabyte } from "./file/codec.ts";
import { createFileSource, type FileSourceOptions } from "./file/source.ts";

const codec: Codec = {
  maxBytes: 4 * megabyte,
  async decode(bytes, _columns, at) {
    return parse(bytes, at).toJS({ maxAliasCount: 100 }) ?? [];
  },
  async encode(records, { before, key, at }) {
    const document = before ? parse(before, at) : new Document([]);
    document.contents = toSequence(document, records, key);
    return document.toString({ lineWidth: 0 });
  },
};

/** Records in a YAML file: a list of maps. Comments of the file and of records that stay as they are stay. */
export const createYamlSource = (options: FileSourceOptions): NotedSource => createFileSource(codec, options);

function parse(bytes: Uint8Array, at: string): Document {
  const document = parseDocument(new TextDecoder().decode(bytes));
  const [error] = document.errors;
  if (!error) return document;
  const line = error.linePos?.[0].line ?? 1;
  throw new AppError("unprocessable", {
    at: `${at}:${line}`,
    message: error.message.split("\n")[0] ?? error.code,
    mend: "write a list of maps in YAML",
  });
}

/** Nodes of records that are the same are taken over, with what is written about them. */
function toSequence(document: Document, records: readonly DataRecord[], key: string): YAMLSeq {
  const old = isSeq(document.contents) ? document.contents : new YAMLSeq();
  const known = new Map(
    old.items.map((node) => {
      const value = (node as { toJS(document: Document): DataRecord }).toJS(document); // items of a list that was read before
      return [idOf(value, key), { node, value }];
    }),
  );
  old.items = records.map((record) => {
    const before = known.get(idOf(record, key));
    return before && isDeepStrictEqual(before.value, record) ? before.node : document.createNode(record);
  });
  return old;
}
