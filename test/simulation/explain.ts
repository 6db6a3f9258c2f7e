import { type SeedResult, simulateSeed } from './simulate-seed.ts';

/** Steps that are shown of what a finding is about. */
const LAST_STEPS = 12;
const MAX_FINDINGS = 5;

/** What was found in a seed, with the last steps about it and the command that shows all of them. */
export async function explain({ seed, findings }: SeedResult): Promise<string> {
  const lines: string[] = [];
  await simulateSeed(seed, (line) => lines.push(line));
  const shown = findings.slice(0, MAX_FINDINGS).map(({ verdict, invariant, about, detail }) => {
    const steps = lines.filter((line) => line.includes(about)).slice(-LAST_STEPS);
    return [
      `${verdict}: ${invariant}`,
      `  ${about}: ${detail}`,
      ...steps.map((step) => `    ${step}`),
    ];
  });
  const more = findings.length - shown.length;
  return [
    `seed ${seed}`,
    ...shown.flat(),
    ...(more > 0 ? [`and ${more} more`] : []),
    `npm run simulate -- --seed ${seed} --trace`,
    '',
  ].join('\n');
}
