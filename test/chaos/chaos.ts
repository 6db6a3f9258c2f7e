/**
 * Deliveries whose workers are killed at every step between claim, request and receipt: the production
 * engine on a virtual clock, against receivers that are unreliable themselves, compared with what these took.
 *
 *   npm run chaos -- --runs 1000 --json
 */
import { parseArgs } from 'node:util';
import { EXIT } from '../../lib/cli/exit-status.ts';
import { receiverKinds } from './receivers.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const from = Number(values.from);

const sums = { doubled: 0, missing: 0, uncertain: 0 };
const told = { crm: { ...sums }, webhook: { ...sums }, slack: { ...sums } };
let kills = 0;
for (let seed = from; seed < from + runs; seed += 1) {
  for (const kind of receiverKinds) {
    const result = await runChaos(seed, kind);
    kills += result.kills;
    for (const name of ['doubled', 'missing', 'uncertain'] as const)
      told[kind][name] += result[name];
    if (result.missing > 0 || (kind === 'crm' && result.doubled > 0)) {
      console.error(`seed ${seed}, ${kind}: ${JSON.stringify(result)}`);
    }
  }
}
const { crm, webhook, slack } = told;
const report = {
  runs,
  crm: { doubled: crm.doubled, missing: crm.missing },
  webhook: { missing: webhook.missing },
  slack: { missing: slack.missing, uncertain: slack.uncertain },
  kills,
};
if (values.json) console.log(JSON.stringify(report));
else console.table(report);
const isWell = crm.doubled + crm.missing + webhook.missing + slack.missing + crm.uncertain === 0;
process.exitCode = isWell ? EXIT.allIsWell : EXIT.needsALook;
