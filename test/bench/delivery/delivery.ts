/**
 * How people learn of many failures at once: by how many messages, how soon, and within Slack's limits.
 *
 * `npm run bench:delivery -- --help` says what can be asked for.
 */
import { parseArgs } from 'node:util';
import { EXIT } from '../../../lib/cli/exit-status.ts';
import { storm } from './storm.ts';

const HELP = `npm run bench:delivery -- [options]

  --failures <n>   calls that fail (default 500)
  --seconds <n>    within this (default 10)
  --channels <n>   in which they are told (default 5)
  --refusals       Slack answers a quarter of all requests with 429
  --json           one line of JSON
`;

const { values } = parseArgs({
  options: {
    failures: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
    channels: { type: 'string', default: '5' },
    refusals: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}

const MAX_FIRST_WORD_SECONDS = 3;
const MAX_ALL_NAMED_SECONDS = 60;

const score = await storm({
  failures: Number(values.failures),
  seconds: Number(values.seconds),
  channels: Number(values.channels),
  refusals: values.refusals,
});

if (values.json) console.log(JSON.stringify(score));
else console.table({ ...score, firstWordSeconds: score.firstWordSeconds.max });

const { failures, told, rateViolations, doubled, firstWordSeconds, allNamedSeconds } = score;
// What Slack refuses is told later: how soon is promised of a Slack that does not.
const isSoon =
  values.refusals ||
  (firstWordSeconds.max <= MAX_FIRST_WORD_SECONDS && allNamedSeconds <= MAX_ALL_NAMED_SECONDS);
const isWell = told === failures && rateViolations === 0 && doubled === 0 && isSoon;
process.exitCode = isWell ? EXIT.allIsWell : EXIT.needsALook;
