// Counts by two texts, and the largest of them as a table.
import type { Crossing } from '#shared/api.ts';

/** null: none, or `other`. */
type Text = string | null;

export class CrossCells {
  readonly #cells = new Map<Text, Map<Text, number>>();

  add(row: Text, column: Text, count: number): void {
    let cells = this.#cells.get(row);
    if (cells === undefined) this.#cells.set(row, (cells = new Map()));
    cells.set(column, (cells.get(column) ?? 0) + count);
  }

  /** The `limit` rows and columns that have most, and their cells. */
  told(limit: number): Pick<Crossing, 'rows' | 'columns' | 'cells' | 'total'> {
    const byRow = new Map<Text, number>(),
      byColumn = new Map<Text, number>();
    let total = 0;
    for (const [row, column, count] of this.#all()) {
      byRow.set(row, (byRow.get(row) ?? 0) + count);
      byColumn.set(column, (byColumn.get(column) ?? 0) + count);
      total += count;
    }
    const rows = most(byRow, limit),
      columns = most(byColumn, limit);
    const placeOf = (values: typeof rows) => new Map(values.map(({ value }, i) => [value, i]));
    const rowOf = placeOf(rows),
      columnOf = placeOf(columns);
    const cells: Crossing['cells'] = [];
    for (const [rowText, columnText, count] of this.#all()) {
      const row = rowOf.get(rowText),
        column = columnOf.get(columnText);
      if (row !== undefined && column !== undefined) cells.push({ row, column, count });
    }
    cells.sort((a, b) => a.row - b.row || a.column - b.column);
    return { rows, columns, cells, total };
  }

  *#all(): Generator<[Text, Text, number]> {
    for (const [row, cells] of this.#cells) for (const [column, count] of cells) yield [row, column, count];
  }
}

const most = (sums: ReadonlyMap<Text, number>, limit: number): Crossing['rows'] =>
  [...sums]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1))
    .slice(0, limit);
