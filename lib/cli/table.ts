/** Between two columns. */
const GAP = '  ';

/**
 * Rows in columns as wide as their widest cell. What may be of any script belongs into the last one, which
 * nothing has to stand in line with. Columns in which no row has anything are left out.
 */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const shown = head.flatMap((_, column) => (rows.some((row) => row[column]) ? column : []));
  const all = [head, ...rows].map((row) => shown.map((column) => row[column] || '-'));
  const widths = shown.map((_, place) => Math.max(...all.map((row) => row[place]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, place) => cell.padEnd(widths[place] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
