/**
 * How many requests polling takes, and how late it sees the end of a call: Callwire's production code
 * beside the strategies of others, over the same calls.
 *
 * `npm run bench:polling -- --help` says what can be asked for.
 */
import { writeFileSync } from 'node:fs';
import { EXIT } from '../../../lib/cli/exit-status.ts';
import { DAY_MS } from '../../../lib/time.ts';
import { benchOptions } from './options.ts';
import { drawing } from './picture.ts';
import { brokenPromises, medians } from './promises.ts';
import { compareSeeds } from './seeds.ts';
import { periodOf } from './trace.ts';

const CONNECTIONS = 400;

const say = (text: string) => process.stderr.write(`${text}\n`);

const options = benchOptions(process.argv.slice(2));
const scale = {
  connections: options.quick ? CONNECTIONS / 10 : CONNECTIONS,
  period: periodOf({ warmUpMs: DAY_MS, measuredMs: DAY_MS }),
};

const seeds = await compareSeeds(options, scale, say);
const median = medians(seeds);

if (options.svg) writeFileSync(options.svg, drawing(median));
if (options.json) {
  console.log(JSON.stringify({ seeds }));
} else {
  console.table(
    Object.fromEntries(
      Object.entries(median.scores).map(([name, { delaySeconds, ...rest }]) => [
        name,
        { ...rest, ...delaySeconds },
      ]),
    ),
  );
  console.log(`Medians over ${seeds.length} seeds. Clairvoyant ratio: ${median.clairvoyantRatio}`);
}

// What is promised is promised of the whole trace: a tenth of it has another share of busy connections.
const broken = options.quick ? [] : brokenPromises(median);
for (const promise of broken) say(promise);
process.exitCode = broken.length > 0 ? EXIT.needsALook : EXIT.allIsWell;
