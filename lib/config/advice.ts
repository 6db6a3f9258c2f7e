import type * as z from 'zod';
import { type Advice, isSecretName, shown, unquoted } from './finding.ts';
import { suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export const MISSING = 'is missing';

/**
 * Says what is wrong with one value and what to write there.
 *
 * @param name the field that holds the value, or that holds the list with it
 */
export function advise(issue: Issue, value: unknown, name: string): Advice {
  if (value === undefined) return { message: MISSING, fix: howToAdd(name) };
  if (value === null) {
    const fix = 'Write a value; one that starts with # needs quotes, as in channel: "#voice-ops".';
    return { message: 'is empty', fix };
  }
  // How many there are says nothing of what they are.
  const isAboutCount = issue.code === 'custom' && Array.isArray(value);
  if (isSecretName(name) && !isAboutCount) {
    return issue.code === 'invalid_type' && issue.expected === 'array'
      ? { message: 'is not a list', fix: `Write ${name}: [env:NAME].` }
      : misplacedSecret(name, value);
  }

  const own = ownWords(issue.message);
  if (own !== undefined) return own;
  if (issue.code === 'invalid_value') {
    const fix = suggest(value, issue.values.map(String));
    return { message: `${shown(value)} is not a possible value`, fix };
  }
  if (issue.code === 'invalid_type') return wrongType(issue.expected, value, name);
  if (issue.code === 'too_small') {
    const limit = `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    return issue.origin === 'array'
      ? { message: 'has too few items', fix: `Write ${limit}, or leave ${name} out.` }
      : { message: 'is too small', fix: `Write ${limit}.` };
  }
  return { message: 'cannot be used', fix: `${issue.message}.` };
}

function wrongType(expected: string, value: unknown, name: string): Advice {
  const isPlain = typeof value !== 'object';
  switch (expected) {
    case 'array':
      return {
        message: 'is not a list',
        fix: isPlain ? `Write ${name}: [${unquoted(value)}].` : 'Start each item with "- ".',
      };
    case 'object':
    case 'record':
      return {
        message: 'is not a group of fields',
        fix: name === '' ? 'Write fields as "name: value".' : `Write fields below ${name}.`,
      };
    case 'string':
      return {
        message: 'is not text',
        fix: isPlain ? `Put it in quotes: "${unquoted(value)}".` : 'Write a single value.',
      };
    case 'boolean':
      return { message: `${shown(value)} is neither true nor false`, fix: 'Write true or false.' };
    case 'int':
      return { message: `${shown(value)} is not a whole number`, fix: 'Write digits only.' };
    default:
      return { message: `${shown(value)} is not a number`, fix: 'Write digits without quotes.' };
  }
}

function misplacedSecret(name: string, value: unknown): Advice {
  const isReference = typeof value === 'string' && /^(env|secret):/.test(value);
  return {
    message: isReference
      ? 'is not a well-formed reference to a secret'
      : 'holds something that is not a reference to a secret',
    fix:
      `Never write a secret here. Put it in an environment variable and write ${name}: env:NAME, ` +
      `or in AWS Secrets Manager and write ${name}: secret:callwire/…#name.`,
  };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  connections: '[{ id: main, provider: hamsa, key: env:NAME_OF_A_VARIABLE }]',
  id: 'main',
  provider: 'hamsa',
  key: 'env:NAME_OF_A_VARIABLE',
  kind: 'slack',
  token: 'env:NAME_OF_A_VARIABLE',
  secret: 'env:HOOK_SECRET',
  secrets: '[env:HOOK_SECRET]',
  channel: '"#voice-ops"',
  url: 'https://example.com/hook',
  to: '[ops]',
  email: 'ops@example.com',
  since: '2026-01-31',
};

const howToAdd = (name: string): string =>
  Object.hasOwn(EXAMPLES, name) ? `Add it, such as ${name}: ${EXAMPLES[name]}` : `Add ${name}.`;

/** Messages of our own schemas: `what is wrong; what to write`, or `must be …`. */
function ownWords(message: string): Advice | undefined {
  const [what = '', fix] = message.split('; ', 2);
  if (fix !== undefined) return { message: what, fix: `${capitalized(fix)}.` };
  if (what.startsWith('must ')) return { message: 'cannot be used', fix: `It ${what}.` };
  return undefined;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
