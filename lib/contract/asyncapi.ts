import { EVENT_SOURCE, type Event, type EventType, eventTypes } from '../events/event.ts';
import type { JsonSchema } from './json-schema.ts';

export interface AsyncApiParts {
  readonly version: string;
  /** Draft 07, which is AsyncAPI's own: its definitions become the components. */
  readonly schema: JsonSchema;
  readonly samples: Readonly<Record<EventType, Event>>;
}

/** The definition that describes an event type. */
const definitionOf = (type: EventType): string => {
  if (type.startsWith('call.')) return 'CallEvent';
  return type.startsWith('delivery.') ? 'DeliveryEvent' : 'ConnectionEvent';
};

/** `call.completed` → `callCompleted`. */
const messageName = (type: EventType): string =>
  type.replace(/\.(\w)/, (_match, letter: string) => letter.toUpperCase());

/** References of a JSON Schema's own definitions, as references to components. */
const toComponents = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/definitions/', '"#/components/schemas/'));

/** The bus as an AsyncAPI document: https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export function asyncApiDocument({ version, schema, samples }: AsyncApiParts): object {
  const messages = Object.fromEntries(
    eventTypes.map((type) => [
      messageName(type),
      {
        name: type,
        title: type,
        contentType: 'application/json',
        payload: {
          allOf: [
            { $ref: `#/components/schemas/${definitionOf(type)}` },
            { properties: { type: { const: type } } },
          ],
        },
        examples: [{ name: type, payload: samples[type] }],
      },
    ]),
  );
  const names = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Callwire',
      version,
      description: `What became of calls, announced once, on an EventBridge bus of its own. source is "${EVENT_SOURCE}", detail-type is the type of the event, and detail is the payload that is described here. The same id is the same announcement: drop what you have seen. Pass over types, fields and words that you do not know: new ones are no break.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      bus: {
        address: 'output BusName of the stack',
        title: 'The event bus of a deployment',
        messages: Object.fromEntries(
          names.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    },
    operations: {
      announce: {
        action: 'send',
        channel: { $ref: '#/channels/bus' },
        messages: names.map((name) => ({ $ref: `#/channels/bus/messages/${name}` })),
      },
    },
    components: { messages, schemas: toComponents(schema.definitions) },
  };
}
