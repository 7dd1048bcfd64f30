import type { Floor, PlacedDevice, Rack } from "../../components/floor-grid.ts";

type Tagged = PlacedDevice & { tags: Readonly<Record<string, string>> };

/** Puts devices on the floor: rows of letters from above, columns of numbers from the left; `turned` swaps the two. */
export function layOut(devices: readonly Tagged[], turned: boolean): Floor {
  const racks = new Map<string, { row: string; column: number; devices: Tagged[] }>();
  const elsewhere: PlacedDevice[] = [];
  for (const device of devices) {
    const position = parseRack(device.tags["rack"] ?? "");
    if (position === undefined) {
      elsewhere.push(device);
      continue;
    }
    const key = `${position.row}${position.column}`; // A01 and A1 are one rack
    const rack = racks.get(key) ?? { ...position, devices: [] };
    rack.devices.push(device);
    racks.set(key, rack);
  }
  const all = [...racks.values()];
  const rows = [...new Set(all.map((rack) => rack.row))].sort((a, b) => a.length - b.length || a.localeCompare(b));
  const columns = span(all.map((rack) => rack.column));
  const at = (row: string, column: number) => toRack(`${row}${column}`, racks.get(`${row}${column}`)?.devices);
  const straight = rows.map((row) => columns.map((column) => at(row, column)));
  if (!turned) return { lineNames: rows, placeNames: columns.map(String), cells: straight, elsewhere };
  const cells = columns.map((column) => rows.map((row) => at(row, column)));
  return { lineNames: columns.map(String), placeNames: rows, cells, elsewhere };
}

/** `S32` → row S, column 32; undefined for names of another shape. */
export function parseRack(name: string): { row: string; column: number } | undefined {
  const match = /^([A-Z]{1,3})0*(\d{1,3})$/.exec(name);
  return match?.[1] === undefined ? undefined : { row: match[1], column: Number(match[2]) };
}

function toRack(name: string, devices: readonly Tagged[] | undefined): Rack | null {
  if (devices === undefined) return null;
  const side = (device: Tagged) => device.tags["side"]?.toUpperCase();
  return {
    name,
    left: devices.filter((device) => side(device) === "L"),
    right: devices.filter((device) => side(device) === "R"),
    other: devices.filter((device) => side(device) !== "L" && side(device) !== "R"),
  };
}

/** All numbers from the smallest to the largest, so that gaps on the floor are gaps in the grid. */
function span(columns: readonly number[]): number[] {
  if (columns.length === 0) return [];
  const first = Math.min(...columns);
  return Array.from({ length: Math.max(...columns) - first + 1 }, (_, index) => first + index);
}
