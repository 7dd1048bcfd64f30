import { afterEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DomainEvent, EventMap } from "#pkg/contracts/events.ts";
import type { Handler } from "#pkg/eventbus/port.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { type Follower, openFollower } from "./follow.ts";

describe("following the inventory", () => {
  const clock = createFakeClock();
  let follower: Follower;
  afterEach(() => follower.close());

  function open(reconcile: (reason: string) => Promise<void>) {
    let handler: Handler = async () => undefined;
    follower = openFollower({
      bus: {
        subscribe: (_group, _types, given) => {
          handler = given;
          return { close: async () => undefined };
        },
      },
      rollouts: {
        reconcile: async (_by, reason) => {
          await reconcile(reason);
          return [];
        },
      },
      isReady: () => true,
      clock,
      log: silentLogger,
    });
    const changed = (from: string, to: string) => {
      const data: EventMap["device.changed"] = { deviceId: "1", deviceKey: "k", from, to, problem: null };
      const event: DomainEvent = {
        id: "",
        type: "device.changed",
        at: 0,
        node: "n",
        key: "k",
        traceparent: null,
        data,
      };
      return handler(event);
    };
    return { changed };
  }
  const settle = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };

  it("makes one reconciliation of changes that come together", async () => {
    const reasons: string[] = [];
    const { changed } = open(async (reason) => {
      reasons.push(reason);
    });
    await changed("discovered", "accepted");
    await changed("online", "online");
    await settle(1500);
    expect(reasons).toEqual(["device.changed k"]);
  });

  it("ignores moves that follow from a rollout or from samples", async () => {
    const reasons: string[] = [];
    const { changed } = open(async (reason) => {
      reasons.push(reason);
    });
    await changed("validated", "deployed");
    await changed("online", "silent");
    await settle(5000);
    expect(reasons).toEqual([]);
  });

  it("runs again for what changed while one ran, never two at once", async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    let finish = () => {};
    open(async () => {
      running++;
      runs++;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      running--;
    });
    follower.nudge("a");
    await settle(1500);
    follower.nudge("b");
    await settle(1500);
    expect(runs).toBe(1);
    finish();
    await settle(0);
    await settle(1500);
    expect(runs).toBe(2);
    expect(most).toBe(1);
    finish();
  });

  it("goes on after a failure", async () => {
    let runs = 0;
    open(async () => {
      runs++;
      throw new Error("disk full");
    });
    follower.nudge("a");
    await settle(1500);
    follower.nudge("b");
    await settle(1500);
    expect(runs).toBe(2);
  });
});
