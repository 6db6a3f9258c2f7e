import * as z from 'zod';
import type { CallKey } from '../calls/call.ts';
import { destinationBaseSchema } from '../config/settings.ts';
import { isE164 } from '../crm/phone.ts';
import { findNumber, type Holders } from '../erasure/find-number.ts';
import { forgetCall, type ToldElsewhere } from '../erasure/forget-call.ts';
import { mentions } from '../erasure/mentions.ts';
import { numberIn } from '../erasure/number-in-text.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-status.ts';
import { UserError } from './failure.ts';
import {
  elsewhereLine,
  type ForgetResult,
  forgetLines,
  holderLines,
  nameOf,
  nothingLine,
  unfinishedLine,
  unreadableLine,
  unreadIn,
} from './forget-report.ts';
import { type Place, withLocated } from './locate.ts';
import { type ReachedErasure, reachErasure } from './reach-erasure.ts';
import { handleSignals } from './stopping.ts';

export interface ForgetOptions extends Place {
  readonly call: readonly string[];
  readonly number?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** @throws UserError when it is not said what, or not in a way that can be read */
export function checkForget({ call, number }: Pick<ForgetOptions, 'call' | 'number'>): CallKey[] {
  if (call.length === 0 && number === undefined) {
    throw new UserError('Say what: --call <connection>/<id>, or --number <+…>.');
  }
  if (number !== undefined && !isE164(number)) {
    throw new UserError(
      'Write the number with a plus and its country code: --number +966501234567.',
    );
  }
  return call.map((written) => {
    const [, connection, id] = /^([^/]+)\/(.+)$/s.exec(written) ?? [];
    if (connection !== undefined && id !== undefined) return { connection, id };
    throw new UserError(
      `--call ${written}: write <connection>/<id>, such as clinic-riyadh/8f14e45f.`,
    );
  });
}

const connectionsSchema = z.array(z.looseObject({ id: z.string(), provider: z.string() }));

/** Providers of the connections that are configured, by id. */
const providersOf = async (system: ReachedErasure): Promise<ReadonlyMap<string, string>> =>
  new Map(
    connectionsSchema
      .parse(await system.configured('connections'))
      .map(({ id, provider }) => [id, provider]),
  );

/** @throws UserError when a call that is named is of no connection that anybody ever had */
async function checkKnown(calls: readonly CallKey[], system: ReachedErasure): Promise<void> {
  const providers = await providersOf(system);
  for (const { connection, id } of calls) {
    if (providers.has(connection)) continue;
    if ((await system.stores.calls.look({ connection, id })) !== undefined) continue;
    throw new UserError(
      `There is no call ${connection}/${id} there, nor a connection ${connection}. Known are: ${[...providers.keys()].join(', ')}.`,
    );
  }
}

/** What is to be erased: what is named, what holds the number, and what somebody began to erase. */
async function holdersOf(
  named: readonly CallKey[],
  { number }: ForgetOptions,
  { stores }: ReachedErasure,
): Promise<Holders> {
  const found: Holders =
    number === undefined
      ? { calls: [], setAside: [], objects: [], unreadable: [] }
      : await findNumber(number, stores, (read) => console.error(`${read} calls read`));
  for (const one of found.unreadable) console.error(unreadableLine(one));
  const begun = await stores.begun.all();
  if (begun.length > 0) console.error(`callwire: going on with ${begun.length} calls as well`);
  const calls = new Map([...named, ...found.calls, ...begun].map((key) => [nameOf(key), key]));
  return { ...found, calls: [...calls.values()] };
}

/** Where the operator wrote the number. */
async function writtenIn(number: string, system: ReachedErasure): Promise<string[]> {
  const holds = numberIn(number);
  const isIn = (value: unknown) => holds(JSON.stringify(value));
  const headings = ['connections', 'destinations', 'routes'] as const;
  const configured = await Promise.all(
    headings.map(async (heading) => (isIn(await system.configured(heading)) ? [heading] : [])),
  );
  return [...configured.flat(), ...(isIn(await system.silences()) ? ['silences'] : [])];
}

async function erase(
  { calls, setAside, objects }: Holders,
  { number }: ForgetOptions,
  system: ReachedErasure,
): Promise<ForgetResult> {
  const { stores } = system;
  const providers = await providersOf(system);
  const destinations = destinationBaseSchema
    .array()
    .parse(await system.configured('destinations'))
    .map(({ id }) => id);
  const elsewhere: ToldElsewhere[] = [];
  const sum = { deliveries: 0, incidents: 0, setAside: 0, objects: 0 };
  const erased: (CallKey & { wasStored: boolean })[] = [];
  for (const key of calls) {
    const provider = providers.get(key.connection) ?? 'unknown';
    const { wasStored, ...counts } = await forgetCall(
      { ...key, provider },
      {
        ...{ stores, destinations, now: () => new Date() },
        onTold: (told) => {
          elsewhere.push(told);
          // Now, for its receipt is about to be erased, and somebody may press Ctrl-C.
          console.error(elsewhereLine(told));
        },
      },
    );
    erased.push({ ...key, wasStored });
    sum.deliveries += counts.deliveries;
    sum.incidents += counts.incidents;
    sum.setAside += counts.setAside;
    sum.objects += counts.objects;
    console.error(`${nameOf(key)} is forgotten`);
  }
  for (const one of setAside) {
    if (one.rawKey !== undefined) await stores.objects.remove(one.rawKey);
    await stores.setAside.remove(one);
  }
  for (const key of objects) await stores.objects.remove(key);
  const left = number === undefined ? undefined : await findNumber(number, stores);
  const written = number === undefined ? [] : await writtenIn(number, system);
  const isOfCall = calls.map((key) => ({ key, isIn: mentions(key) }));
  const names = new Set(calls.map(({ connection, id }) => `${connection}#${id}`));
  const holds = number === undefined ? () => false : numberIn(number);
  const { messages } = await system.finish({
    isKey: (pk) => names.has(pk),
    isMessage: (body) =>
      holds(body) || isOfCall.some(({ key, isIn }) => body.includes(key.connection) && isIn(body)),
  });
  return {
    calls: erased,
    ...sum,
    ...{ messages, elsewhere, written },
    left: left ? left.calls.length + left.setAside.length + left.objects.length : null,
    ...unreadIn(left?.unreadable ?? []),
  };
}

async function forgetIn(
  system: ReachedErasure,
  named: readonly CallKey[],
  options: ForgetOptions,
): Promise<number> {
  const { dryRun, yes, json } = options;
  await checkKnown(named, system);
  const holders = await holdersOf(named, options, system);
  const lines = holderLines(holders);
  if (dryRun || lines.length === 0) {
    const { calls, setAside, objects } = holders;
    const unread = unreadIn(holders.unreadable);
    if (json) {
      const counts = { setAside: setAside.length, objects: objects.length, ...unread };
      console.log(JSON.stringify({ dryRun, calls, ...counts }));
    } else {
      const end = lines.length === 0 ? nothingLine(unread) : 'Nothing was erased.';
      console.log([...lines, end, ...unfinishedLine(unread)].join('\n'));
    }
    return unread.unreadable === 0 ? EXIT.allIsWell : EXIT.needsALook;
  }
  for (const line of lines) console.error(line);
  if (!yes && !(await confirm('Erase this, for ever?'))) {
    console.error('Nothing was erased.');
    return EXIT.needsALook;
  }
  const result = await erase(holders, options, system);
  console.log(
    json ? JSON.stringify({ dryRun, ...result }) : forgetLines(result, system.state).join('\n'),
  );
  const { elsewhere, written, left, unreadable } = result;
  const needsALook = elsewhere.length > 0 || written.length > 0 || left || unreadable > 0;
  return needsALook ? EXIT.needsALook : EXIT.allIsWell;
}

/** Erases calls, or all that holds a number, from every store. Returns the exit status. */
export async function forget(options: ForgetOptions): Promise<number> {
  const named = checkForget(options);
  if (!options.yes && !options.dryRun && !process.stdin.isTTY) {
    throw new UserError(
      'What is erased cannot be brought back: see it with --dry-run, then say --yes.',
    );
  }
  handleSignals();
  return withLocated(reachErasure(options), (system) => forgetIn(system, named, options));
}
