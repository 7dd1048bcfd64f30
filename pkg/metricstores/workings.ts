// What a store outside needs: thirty files that a node without one never loads.
export { createRemoteStore } from "./create-store.ts";
export { openForwarder } from "./forwarder.ts";
export { createSetAside } from "./set-aside.ts";
