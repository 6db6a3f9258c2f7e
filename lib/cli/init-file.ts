/** A destination as it was answered for. */
export interface NewDestination {
  readonly id: string;
  readonly kind: string;
  readonly audience: 'people' | 'systems';
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/** Everything that a first configuration says. */
export interface NewConfig {
  readonly connection: {
    readonly id: string;
    readonly provider: string;
    readonly key: string;
    readonly phoneRegion: string | undefined;
  };
  readonly destinations: readonly NewDestination[];
  readonly failuresToPeople: boolean;
  readonly everythingToSystems: boolean;
}

/** Plain where YAML reads it as the text that it is. */
const scalar = (text: string): string =>
  /^[A-Za-z][\w:/.@#-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);

const commented = (setting: string, comment: string): string =>
  `    ${setting.padEnd(34)} # ${comment}`;

function connectionLines({ id, provider, key, phoneRegion }: NewConfig['connection']): string[] {
  return [
    'connections:',
    `  - id: ${id.padEnd(30)} # part of every call's identity: never change it`,
    `    provider: ${provider}`,
    commented(`key: ${scalar(key)}`, 'where the key is, never the key itself'),
    phoneRegion === undefined
      ? commented('# phoneRegion: SA', 'for numbers written without a country code')
      : commented(`phoneRegion: ${scalar(phoneRegion)}`, 'for numbers without a country code'),
    commented('# firstRun: baseline', 'announce from now on | all | { since: 2026-11-01 }'),
    commented('# poll: { every: 30s, max: 30m }', 'asked when a poll is worth its request'),
    commented('# poll: { every: 5s, max: 5s }', 'for trying it out: asked every five seconds'),
  ];
}

const destinationLines = ({ id, kind, settings }: NewDestination): string[] => [
  `  - id: ${id}`,
  `    kind: ${kind}`,
  ...settings.map(([name, value]) => `    ${name}: ${scalar(value)}`),
];

function routeLines({
  destinations,
  failuresToPeople,
  everythingToSystems,
}: NewConfig): readonly string[] {
  const idsOf = (audience: NewDestination['audience']) =>
    destinations.filter((each) => each.audience === audience).map(({ id }) => id);
  const [people, systems] = [idsOf('people'), idsOf('systems')];
  return [
    ...(failuresToPeople && people.length > 0
      ? [
          '  - id: failures-to-people',
          '    when:',
          '      type: [call.failed, connection.failing, connection.recovered, delivery.failing, delivery.recovered]',
          '      reason: { not: [no_answer, busy] } # what nobody has to look after',
          `    to: [${people.join(', ')}]`,
          '    continue: true',
        ]
      : []),
    ...(everythingToSystems && systems.length > 0
      ? [
          '  - id: outcomes-to-systems',
          '    when: { type: [call.completed, call.failed, call.updated] }',
          `    to: [${systems.join(', ')}]`,
        ]
      : []),
  ];
}

/** The text of a `callwire.yaml`, with a comment for each thing that its reader may wonder about. */
export function fileOf(config: NewConfig): string {
  const routes = routeLines(config);
  return [
    '# Callwire: which calls are watched, and who is told of them. The README lists every setting.',
    '# No key stands here. `npx callwire check` tells whether all of it works.',
    ...connectionLines(config.connection),
    '',
    ...(config.destinations.length === 0
      ? ['destinations: [] # nobody is told yet']
      : ['destinations:', ...config.destinations.flatMap(destinationLines)]),
    '',
    ...(routes.length === 0
      ? ['routes: [] # { id: everything, to: [<a destination>] } tells it everything']
      : [
          'routes: # in order; the first that matches ends it, unless it says continue: true',
          ...routes,
        ]),
    '',
  ].join('\n');
}
