import type { Clock } from "#pkg/clock/port.ts";
import type { Engine } from "./engine.ts";
import { addSlot } from "./slot-table.ts";
import type { Watched } from "./watch.ts";

/** Which series feed which slots. Hot when series are new: a hundred rules may watch each. */
export interface Binding {
  /** A slot of the rule for this label set (see `LabelSets`), which has none. */
  add(watched: Watched, set: number): number;
  /** Lets a series feed the rule's slot of this label set. Once for each rule and series. */
  bind(watched: Watched, id: number, set: number): void;
  /** Lets no series feed the slot any more. */
  unbind(slot: number): void;
}

/** Binds in the tables of the engine; keeps nothing itself. */
export function createBinding(engine: Engine, clock: Clock): Binding {
  const { series, slots, storedLabels } = engine;
  const binding: Binding = {
    add(watched, set) {
      const slot = addSlot(slots, watched.plan, clock.now());
      watched.slots.set(set, slot);
      return slot;
    },
    bind(watched, id, set) {
      const slot = watched.slots.get(set) ?? binding.add(watched, set);
      slots.plan[slot] = watched.plan;
      append(slots.series, slot, id);
      append(series.slots, id, slot);
      storedLabels.delete(slot);
    },
    unbind(slot) {
      for (const id of slots.series[slot] ?? []) {
        series.slots[id] = series.slots[id]?.filter((other) => other !== slot);
        engine.rebound(id);
      }
      slots.series[slot] = undefined;
    },
  };
  return binding;
}

/** Most slots are fed by one series: a list begins with room for no more. */
function append(lists: (number[] | undefined)[], at: number, item: number): void {
  const list = lists[at];
  if (list === undefined) lists[at] = [item];
  else list.push(item);
}
