/**
 * Whether anything is lost, told twice or told too fast when the whole system is killed again and again.
 * Providers and destinations are simulated in this process, which outlives the kills.
 *
 * What they object to counts, with or without kills. One thing would be nobody's fault: that a 429 was
 * heard by a process which was killed before it wrote that down. Its `Retry-After`, a second, is over
 * before the next life has started.
 *
 * `npm run soak -- --help` says what can be asked for.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../lib/cli/exit-status.ts';
import { readConfigText } from '../../lib/cli/read-config.ts';
import { startSimulatedSide } from '../../lib/cli/simulated-side.ts';
import { handleSignals } from '../../lib/cli/stopping.ts';
import { temporaryFolder } from '../../lib/cli/temporary-folder.ts';
import { asVariables } from './as-variables.ts';
import { judgeSide, type SideVerdict } from './judge-side.ts';
import { type LastReport, liveOn } from './last-life.ts';
import type { LifeOptions } from './life.ts';
import { killAgainAndAgain } from './lives.ts';
import { type SoakOptions, soakOptions } from './options.ts';
import { say, secondsSince } from './progress.ts';

/** Puts the configuration where a life can read it. */
function lifeIn(
  folder: string,
  { config, variables }: ReturnType<typeof asVariables>,
): LifeOptions {
  const options = {
    config: join(folder, 'callwire.yaml'),
    data: join(folder, 'data'),
    temporary: join(folder, 'tmp'),
    log: join(folder, 'lives.log'),
    variables,
  };
  writeFileSync(options.config, config);
  mkdirSync(options.temporary);
  return options;
}

function explain({ lostCalls, surplus }: SideVerdict, violations: readonly string[]): void {
  for (const call of lostCalls) say(`lost: ${call}`);
  for (const one of surplus) say(`one too many: ${JSON.stringify(one)}`);
  for (const [violation, times] of Map.groupBy(violations, (text) => text)) {
    say(`the other side objects, ${times.length} times: ${violation}`);
  }
}

function figuresOf({ deliveries, failing, ...counts }: LastReport) {
  const sums = { delivered: 0, waiting: 0, parked: 0, failed: 0, uncertain: 0 };
  for (const kind of Object.values(deliveries)) {
    sums.delivered += kind.delivered;
    sums.waiting += kind.waiting;
    sums.parked += kind.parked;
    sums.failed += kind.failed;
    sums.uncertain += kind.uncertain;
  }
  return { ...counts, ...sums, failing: failing.length };
}

/** Prints what was found. Returns the exit status. */
async function soak(options: SoakOptions): Promise<number> {
  const { seed, faults, keep, json } = options;
  const startedAt = performance.now();
  const folder = keep ? mkdtempSync(join(tmpdir(), 'callwire-soak-')) : temporaryFolder().path;
  say(`seed ${seed}${keep ? `, everything is kept in ${folder}` : ''}`);
  const side = await startSimulatedSide({ faults });
  try {
    const { routes } = readConfigText(side.config, 'soak');
    const lifeOptions = lifeIn(folder, asVariables(side.config, side.secrets));
    const kills = await killAgainAndAgain(side, options, lifeOptions);

    side.freeze();
    say('no new calls from here on: a last life, in which everybody is told');
    const hasAll = () => judgeSide(side, routes).lost === 0;
    const arrivals = () => side.received([]).length;
    const report = await liveOn({ hasAll, arrivals }, lifeOptions);

    const verdict = judgeSide(side, routes);
    const { lost, duplicates, crmDoubles } = verdict;
    const violations = side.violations();
    explain(verdict, violations);
    const figures = {
      ...{ kills, lost, duplicates, crmDoubles, violations: violations.length },
      events: side.events().length,
      ...figuresOf(report),
      seconds: secondsSince(startedAt),
      seed,
    };
    if (json) console.log(JSON.stringify(figures));
    else console.table(figures);
    const amiss = lost + duplicates + crmDoubles + violations.length;
    return amiss === 0 ? EXIT.allIsWell : EXIT.needsALook;
  } finally {
    await side.close();
  }
}

// Ends through `process.exit`, so that lives end and the folder is removed.
handleSignals();
process.exitCode = await soak(soakOptions(process.argv.slice(2)));
