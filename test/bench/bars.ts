/** One bar of a picture. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** What is written behind the bar. */
  readonly label: string;
}

const ROW = 22;
const NAMES = 330;
const BARS = 380;
const LABELS = 110;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Horizontal bars as an SVG that is readable on light and on dark pages. */
export function barsSvg(title: string, bars: readonly Bar[]): string {
  const width = NAMES + BARS + LABELS;
  const height = ROW * (bars.length + 2);
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ name, value, label }, at) => {
    const y = ROW * (at + 2);
    const length = Math.max(1, (value / most) * BARS);
    return `  <text x="${NAMES - 8}" y="${y}" text-anchor="end">${escaped(name)}</text>
  <rect x="${NAMES}" y="${y - 12}" width="${length.toFixed(1)}" height="15" fill="#2f81f7"/>
  <text x="${(NAMES + length + 6).toFixed(1)}" y="${y}">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#7d8590">
  <title>${escaped(title)}</title>
  <text x="8" y="${ROW - 4}" font-size="14" font-weight="bold">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`;
}
