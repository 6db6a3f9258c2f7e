import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

const files = globSync('{infra,functions,lib}/**/*.{ts,tsx,mts}', { cwd: root }).toSorted();
const text = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`. */
const IMPORT =
  /^(?:import|export|\})[^'\n]*\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

/** Every import in the app, as [file, imported]: relative ones as paths from the root. */
const imports = [...text].flatMap(([file, source]) =>
  [...source.matchAll(IMPORT)].map(([, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    return [
      file,
      target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
    ] as const;
  }),
);

/** Lines that do something: not blank, no comment, no import. */
const linesOfCode = (source: string): number =>
  source
    .replaceAll(/^import\b[^;]*;$/gms, '')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;

describe('the direction of dependencies', () => {
  it('is read from every file', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(imports).toContainEqual(['lib/calls/version.ts', 'lib/hash.ts']);
  });

  const rules: [rule: string, from: RegExp, to: RegExp][] = [
    ['lib knows neither functions nor infra', /^lib\//, /^(functions|infra)\//],
    [
      'lib knows no Lambda framework and no CDK',
      /^lib\//,
      /^(aws-cdk-lib|constructs|@middy\/|aws-lambda)/,
    ],
    [
      'only adapters and the command line know the AWS SDK',
      /^(?!lib\/(adapters|cli)\/)/,
      /^@(aws-sdk|smithy)\//,
    ],
    [
      'only functions and the command line know the adapters',
      /^(?!functions\/|lib\/(adapters|cli)\/)/,
      /^lib\/adapters\//,
    ],
    [
      'nothing but the command line imports the local system',
      /^(?!lib\/(local|cli)\/)/,
      /^lib\/local\//,
    ],
    [
      'nothing but the command line imports the console',
      /^(?!lib\/(console|cli)\/)/,
      /^lib\/console\//,
    ],
    [
      'the page of the console runs in a browser: it knows what it is answered, and nothing else of ours',
      /^lib\/console\/page\//,
      /^(?!preact(\/|$)|lib\/console\/(page\/|answers\.ts)|lib\/records\/trace)/,
    ],
    [
      'the server of the console imports what builds its page, node and zod',
      /^lib\/console\/(?!page\/)/,
      /^(?!node:|lib\/|zod$|esbuild$)/,
    ],
    ['nothing imports the command line', /^(?!lib\/cli\/)/, /^lib\/cli\//],
    [
      'simulators know node and each other only, so that they share no mistake of ours',
      /^lib\/local\/simulators\//,
      /^(?!node:|lib\/local\/simulators\/)/,
    ],
    ['infra names functions by path, never by import', /^infra\//, /^functions\//],
    ['functions know no CDK', /^functions\//, /^(aws-cdk-lib|constructs|infra\/)/],
    [
      'providers know neither stores nor delivery',
      /^lib\/providers\//,
      /^lib\/(adapters|delivery|destinations|events|polling|routing)\//,
    ],
    [
      'what CRMs have in common knows none of them',
      /^lib\/crm\//,
      /^lib\/(adapters|config|delivery|destinations|polling|providers|routing)\//,
    ],
    [
      'what a call is depends on nothing that is done with it',
      /^lib\/calls\//,
      /^lib\/(adapters|delivery|destinations|polling|routing)\//,
    ],
  ];
  it.each(rules)('%s', (_rule, from, to) => {
    expect(imports.filter(([file, target]) => from.test(file) && to.test(target))).toEqual([]);
  });

  it.each(['providers', 'destinations'])('no folder in lib/%s imports a sibling', (kind) => {
    const folder = new RegExp(`^lib/${kind}/([^/]+)/`);
    const siblings = imports.filter(([file, target]) => {
      const [mine, theirs] = [folder.exec(file)?.[1], folder.exec(target)?.[1]];
      return mine !== undefined && theirs !== undefined && mine !== theirs;
    });

    expect(siblings).toEqual([]);
  });

  it.each(['providers', 'destinations'])(
    'nothing outside lib/%s imports one of its folders but by the list',
    (kind) => {
      const inFolder = new RegExp(`^lib/${kind}/[^/]+/`);
      const within = new RegExp(`^lib/${kind}/`);

      expect(
        imports.filter(([file, target]) => !within.test(file) && inFolder.test(target)),
      ).toEqual([]);
    },
  );

  it('a vendor’s client is imported by its own destination only', () => {
    const clients: [string, string][] = [
      ['@slack/', 'lib/destinations/slack/'],
      ['@hubspot/', 'lib/destinations/hubspot/'],
      ['jsforce', 'lib/destinations/salesforce/'],
      ['standardwebhooks', 'lib/destinations/webhook/'],
    ];

    for (const [client, home] of clients) {
      expect(
        imports.filter(([file, target]) => target.startsWith(client) && !file.startsWith(home)),
      ).toEqual([]);
    }
  });

  it('everything else in lib imports node and the few small libraries only', () => {
    const core = /^lib\/(?!adapters|cli|console|local|destinations)/;
    const known = /^(node:|lib\/|zod$|libphonenumber-js|yaml$|safe-stable-stringify$)/;

    expect(imports.filter(([file, target]) => core.test(file) && !known.test(target))).toEqual([]);
  });
});

describe('a file', () => {
  it.each(files.filter((file) => file.startsWith('functions/')))(
    '%s has under 25 lines of code',
    (file) => {
      expect(linesOfCode(text.get(file) ?? '')).toBeLessThan(25);
    },
  );

  it('has a kebab-case name', () => {
    const odd = files.filter(
      (file) =>
        !file.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?(\.m?tsx?)?$/.test(part)),
    );

    expect(odd).toEqual([]);
  });

  it('exports nothing by default', () => {
    expect(
      [...text].filter(([, source]) => /^export default\b/m.test(source)).map(([file]) => file),
    ).toEqual([]);
  });

  it('reads its environment in the composition root and at the edges only', () => {
    const readers = [...text]
      .filter(([, source]) => source.includes('process.env'))
      .map(([file]) => file);

    expect(readers.filter((file) => !/^(functions|infra|lib\/(cli|local))\//.test(file))).toEqual(
      [],
    );
  });

  it('named index.ts is a list of providers or destinations, or one of them', () => {
    const barrels = files.filter(
      (file) => file.endsWith('/index.ts') && !/^lib\/(providers|destinations)\//.test(file),
    );

    expect(barrels).toEqual([]);
  });
});
