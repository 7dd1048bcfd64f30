import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { NotedSource } from "../port.ts";
import { type Codec, megabyte } from "./file/codec.ts";
import { createFileSource, type FileSourceOptions } from "./file/source.ts";

const codec: Codec = {
  maxBytes: 64 * megabyte,
  async decode(bytes, _columns, at) {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
    } catch (error) {
      throw new AppError("unprocessable", {
        at,
        message: messageOf(error),
        mend: "write a list of objects in JSON",
        cause: error,
      });
    }
  },
  encode: async (records) => `[${records.map((record) => `\n  ${JSON.stringify(record)}`).join(",")}\n]\n`,
};

/** Records in a JSON file: a list of objects, one a line so that differences can be read. */
export const createJsonSource = (options: FileSourceOptions): NotedSource => createFileSource(codec, options);
