import { setTimeout as wait } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { EventBus } from '../events/event-bus.ts';
import { CLIENT_OPTIONS } from './aws-clients.ts';
import { eventBridge } from './event-bridge.ts';

/** The bus of a deployment, with the credentials of whoever runs this. */
export const awsBus = (name: string): EventBus =>
  eventBridge(new EventBridgeClient(CLIENT_OPTIONS), name, wait);
