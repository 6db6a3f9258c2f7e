import { generateKeyPairSync } from 'node:crypto';
import { beforeEach } from 'vitest';
import type { Outgoing } from '../../lib/destinations/destination.ts';
import { type SalesforceSettings, salesforce } from '../../lib/destinations/salesforce/index.ts';
import { sender } from '../../lib/destinations/salesforce/send.ts';
import { TransientError } from '../../lib/errors.ts';
import type { Event } from '../../lib/events/event.ts';
import {
  type SalesforceLookalike,
  type SalesforceOptions,
  startSalesforce,
} from '../../lib/local/simulators/salesforce.ts';
import { callEvent } from '../delivery/events.ts';

export const CALLER = '+966501234567';
export const SECRET = 'do-not-leak-0123456789';
export const CLIENT_ID = '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC';
export const USERNAME = 'callwire@acme.example';
export const USER = '005000000000001AAA';
export const CAMPAIGN = '701000000000001AAA';

/** One pair for all tests: making one takes a while. */
export const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const PEM = KEYS.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const APP = {
  clientId: CLIENT_ID,
  clientSecret: SECRET,
  publicKey: KEYS.publicKey,
  username: USERNAME,
  users: [USER],
};

/** An org that every test of a file has anew. */
export function salesforceWorld() {
  let org: SalesforceLookalike;
  const start = async (options: Partial<SalesforceOptions> = {}) => {
    org = await startSalesforce({ ...APP, ...options });
  };
  beforeEach(async () => {
    await start();
    return () => org.close();
  });

  const outgoing = (
    event: Event = callEvent(),
    over: object = {},
  ): Outgoing<SalesforceSettings> => ({
    event,
    settings: salesforce.settings.parse({
      id: 'crm',
      kind: 'salesforce',
      url: 'https://acme.my.salesforce.com',
      clientId: CLIENT_ID,
      clientSecret: 'env:SALESFORCE_SECRET',
      baseUrl: org.url,
      ...over,
    }),
    secrets: { clientSecret: SECRET, privateKey: PEM },
  });

  return {
    org: () => org,
    async restart(options: Partial<SalesforceOptions>) {
      await org.close();
      await start(options);
    },
    outgoing,
    send: (event?: Event, over?: object) => sender.send(outgoing(event, over)),
    failure: async (attempt: Promise<unknown>): Promise<unknown> =>
      attempt.then(
        () => undefined,
        (error: unknown) => error,
      ),
    /** As the delivery engine does, without its waits. */
    async sendUntilDone(event: Event, over?: object): Promise<void> {
      for (let attempt = 0; attempt < 200; attempt += 1) {
        try {
          await sender.send(outgoing(event, over));
          return;
        } catch (error) {
          if (!(error instanceof TransientError)) throw error;
        }
      }
      throw new Error('It never got through');
    },
    /** The fields of the only task that there is. */
    task() {
      const [only, ...others] = org.tasks();
      if (only === undefined || others.length > 0) throw new Error('There is not one task');
      return only;
    },
  };
}
