import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { slackCases } from './slack-cases.ts';

// `npm run fixtures:slack`: writes what is rendered now. Read the difference before you commit it.
const folder = new URL('../fixtures/slack/', import.meta.url);
for (const file of readdirSync(folder)) rmSync(new URL(file, folder));
for (const { name, render } of slackCases) {
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(render(), undefined, 1)}\n`);
}
console.log(`${slackCases.length} fixtures written`);
