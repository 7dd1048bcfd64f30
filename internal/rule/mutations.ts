import { v7 } from "uuid";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError, appErrorIn, messageOf } from "#pkg/errors/errors.ts";
import { wrapError } from "#pkg/errors/wrap.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Tx } from "#pkg/sql/port.ts";
import type { FileChanges } from "./compare-files.ts";
import { compileRule } from "./compile.ts";
import type { Rule, RuleSpec } from "./contract.ts";
import { removeRule, writeRule } from "./records.ts";
import { type RejudgeDeps, rejudge } from "./rejudge.ts";
import type { Watch } from "./watch.ts";
import { toSpec } from "./wire.ts";
import { ruleChanged } from "./words.ts";
import type { Writer } from "./writer.ts";

export interface MutationDeps extends RejudgeDeps {
  outbox: Outbox;
  clock: Clock;
  audit: Pick<Audit, "record">;
  writer: Writer;
  watch: Watch;
  /** All rules by id; kept right here. */
  records: Map<string, Rule>;
}

/** Changes of rules. Each is stored together with a checkpoint, so that no older sample is ever judged by a newer rule. */
export interface Mutations {
  create(spec: RuleSpec, by: string): Promise<Rule>;
  update(before: Rule, spec: RuleSpec, by: string): Promise<Rule>;
  remove(rule: Rule, by: string): Promise<void>;
  apply(changes: FileChanges): Promise<void>;
}

type Change = "created" | "updated" | "deleted";

export function createMutations(deps: MutationDeps): Mutations {
  const { outbox, clock, audit, writer, watch, records } = deps;

  const store = async (work: (tx: Tx) => Promise<void>) => {
    try {
      await writer.checkpoint(work);
    } catch (error) {
      if (appErrorIn(error)) throw wrapError(error, "the rule could not be stored");
      const message = `the rule could not be stored (${messageOf(error)})`;
      throw new AppError("unavailable", { message, mend: "nothing was changed; try again", cause: error });
    }
  };
  const tell = (tx: Tx, rule: Rule, change: Change) =>
    outbox.add(tx, [{ type: "rule.changed", key: rule.id, data: { ruleId: rule.id, change } }]);
  const putOn = (rule: Rule) => {
    records.set(rule.id, rule);
    if (rule.enabled === false) watch.drop(rule.id, "the rule was disabled");
    else rejudge(deps, watch.put(compileRule(rule), ruleChanged));
  };
  const takeOff = (rule: Rule) => {
    records.delete(rule.id);
    watch.drop(rule.id, "the rule was deleted");
  };
  const refuseTwin = (rule: Rule) => {
    const twin = [...records.values()].find((other) => other.name === rule.name && other.id !== rule.id);
    if (!twin) return;
    const message = `there is a rule "${rule.name}" already${twin.source ? ` (${twin.source})` : ""}`;
    const mend = "give it another name; alerts are known by it";
    throw new AppError("conflict", { at: "/name", message, mend, fields: [{ pointer: "/name", detail: message }] });
  };
  const put = async (rule: Rule, change: Change, by: string, before: RuleSpec | null) => {
    compileRule(rule);
    refuseTwin(rule);
    const action = change === "created" ? "rule.create" : "rule.update";
    await store(async (tx) => {
      await writeRule(tx, rule);
      tell(tx, rule, change);
      await audit.record({ by, action, target: `rule ${rule.name}`, before, after: toSpec(rule) }, tx);
    });
    putOn(rule);
    await writer.settle();
    return rule;
  };

  return {
    create(spec, by) {
      const nowMs = clock.now();
      return put({ ...spec, id: v7(), source: null, createdAt: nowMs, updatedAt: nowMs }, "created", by, null);
    },
    update(before, spec, by) {
      const { id, source, createdAt } = before;
      return put({ ...spec, id, source, createdAt, updatedAt: clock.now() }, "updated", by, toSpec(before));
    },
    async remove(rule, by) {
      await store(async (tx) => {
        await removeRule(tx, rule.id);
        tell(tx, rule, "deleted");
        const target = `rule ${rule.name}`;
        await audit.record({ by, action: "rule.delete", target, before: toSpec(rule), after: null }, tx);
      });
      takeOff(rule);
      await writer.settle();
    },
    async apply({ put: changed, gone }) {
      if (changed.length + gone.length === 0) return;
      await store(async (tx) => {
        for (const rule of gone) await removeRule(tx, rule.id);
        for (const { rule } of changed) await writeRule(tx, rule);
        for (const rule of gone) tell(tx, rule, "deleted");
        for (const { rule, change } of changed) tell(tx, rule, change);
      });
      for (const rule of gone) takeOff(rule);
      for (const { rule } of changed) putOn(rule);
      await writer.settle();
    },
  };
}
