import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Lays the oldest event that has none yet as a dead letter of `group` into the records of a node on SQLite, as eight
 * attempts of a handler leave it (which takes two minutes). Returns the id of the event.
 */
export function addDeadLetter(dataFolder: string, group: string): string {
  const database = new DatabaseSync(join(dataFolder, "detectviz.db"), { timeout: 5000 });
  try {
    const row = database
      .prepare("select * from bus_events where seq not in (select seq from bus_dead_letters) order by seq limit 1")
      .get();
    if (row === undefined) throw new Error("nothing has happened yet");
    const { seq, event_key: key, data, part: _part, ...event } = row;
    const whole = JSON.stringify({ ...event, key, data: JSON.parse(String(data)) });
    database
      .prepare("insert into bus_dead_letters (group_name, seq, event, error, attempts, at) values (?, ?, ?, ?, 8, ?)")
      .run(group, seq ?? 0, whole, "the handler\nwould not take it", Date.now());
    return String(event["id"]);
  } finally {
    database.close();
  }
}
