/**
 * Node's own HTTP. An `import` of it reads all its exports, and one of these loads undici: 10 MB and 25 ms that a node
 * pays at each start for something it never calls.
 */
export const http = process.getBuiltinModule("node:http");
