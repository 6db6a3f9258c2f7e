import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { startHubSpot } from '../../../lib/local/simulators/hubspot.ts';
import { startSalesforce } from '../../../lib/local/simulators/salesforce.ts';
import { type HamsaRow, startHamsaStandIn } from '../../support/hamsa-stand-in.ts';
import { type Listening, listen } from '../../support/listen.ts';
import { startSamvaStandIn } from '../../support/samva-stand-in.ts';
import type { SamvaRow } from '../../support/scripted-samva.ts';
import { type SlackStandIn, startSlackStandIn } from '../../support/slack-stand-in.ts';

const HOOK_SECRET = 'whsec_samva';
const CLIENT_ID = '3MVG9VwZxxW3bBQjhE6m21CG2nSS4WC';

/** Variables that the configuration names. */
export const ENV = {
  HAMSA_KEY: 'right',
  WRONG_KEY: 'revoked',
  SAMVA_KEY: 'k',
  HOOK_SECRET,
  SLACK_TOKEN: 'xoxb-stand-in',
  HUBSPOT_TOKEN: 'pat',
  SALESFORCE_SECRET: 'secret',
  OWN_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
};

/** Everybody whom a Callwire talks to: one provider that is polled, one that sends webhooks, and all kinds of destinations. */
export interface OtherSide {
  /** What Hamsa lists, and Samva. */
  readonly hamsa: HamsaRow[];
  readonly samva: SamvaRow[];
  readonly slack: SlackStandIn;
  /** A system of our own, which is sent signed webhooks. */
  readonly own: Own;
  /** Calls of which each kind of destination but Slack knows. */
  told(): Record<'hubspot' | 'salesforce' | 'webhook', number>;
  /** What a webhook of Samva's is signed with, as a header. */
  signed(body: string, secret?: string): Record<string, string>;
  /** `callwire.yaml`, with further connections to Hamsa. */
  config(...connections: { readonly id: string; readonly key: keyof typeof ENV }[]): string;
  close(): Promise<void>;
}

interface Own extends Listening {
  /** Ids of the events that it took. */
  readonly taken: Set<string>;
  /** What it answers. */
  status: number;
}

/** Signatures are others' business: `test/destinations`. */
async function startOwn(): Promise<Own> {
  const taken = new Set<string>();
  const own = { taken, status: 204 };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (own.status < 300) taken.add(String(request.headers['webhook-id']));
      response.writeHead(own.status).end();
    });
  });
  return Object.assign(own, await listen(server));
}

/** Starts them, all well. */
export async function startOtherSide(): Promise<OtherSide> {
  const hamsa: HamsaRow[] = [];
  const samva: SamvaRow[] = [];
  const [hamsaServer, samvaServer, slack] = await Promise.all([
    startHamsaStandIn(ENV.HAMSA_KEY, () => hamsa),
    startSamvaStandIn(samva),
    startSlackStandIn(ENV.SLACK_TOKEN),
  ]);
  const hubspot = await startHubSpot({ token: ENV.HUBSPOT_TOKEN, indexLagMs: 0 });
  const salesforce = await startSalesforce({
    clientId: CLIENT_ID,
    clientSecret: ENV.SALESFORCE_SECRET,
  });
  const own = await startOwn();
  const polled = `baseUrl: "${hamsaServer.url}", poll: { every: 1s, max: 1s, background: 100ms }, firstRun: all`;
  return {
    hamsa,
    samva,
    slack,
    own,
    told: () => ({
      hubspot: hubspot.records().length,
      salesforce: salesforce.tasks().length,
      webhook: own.taken.size,
    }),
    signed: (body, secret = HOOK_SECRET) => ({
      'x-webhook-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }),
    config: (...connections) => `connections:
  - { id: clinic, provider: hamsa, key: env:HAMSA_KEY, ${polled} }
  - { id: shop, provider: samva, key: env:SAMVA_KEY, baseUrl: "${samvaServer.url}", poll: { every: 1s, max: 1s }, webhook: { secrets: [env:HOOK_SECRET] }, firstRun: all }
${connections.map(({ id, key }) => `  - { id: ${id}, provider: hamsa, key: env:${key}, ${polled} }\n`).join('')}destinations:
  - { id: ops, kind: slack, token: env:SLACK_TOKEN, channel: "#ops", baseUrl: "${slack.apiUrl}" }
  - { id: crm, kind: hubspot, token: env:HUBSPOT_TOKEN, baseUrl: "${hubspot.url}" }
  - { id: sales, kind: salesforce, url: "https://acme.my.salesforce.com", clientId: ${CLIENT_ID}, clientSecret: env:SALESFORCE_SECRET, baseUrl: "${salesforce.url}" }
  - { id: own, kind: webhook, url: "${own.url}/hook", secret: env:OWN_SECRET, allowLoopback: true }
routes:
  - { id: trouble, when: { type: [connection.failing, delivery.failing, provider.drifted] }, to: [ops], continue: true }
  - { id: calls, when: { type: [call.completed, call.failed, call.updated] }, to: [ops, crm, sales, own] }
`,
    close: async () => {
      for (const server of [hamsaServer, samvaServer, slack, own]) server.close();
      await Promise.all([hubspot, salesforce].map((each) => each.close()));
    },
  };
}
