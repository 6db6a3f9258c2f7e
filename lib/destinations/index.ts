import type { DestinationDefinition } from './destination.ts';
import { hubspot } from './hubspot/index.ts';
import { salesforce } from './salesforce/index.ts';
import { slack } from './slack/index.ts';
import { webhook } from './webhook/index.ts';

/** Every kind of destination. Adding one: its folder and its line here. Nothing else. */
export const destinations: readonly DestinationDefinition[] = [slack, webhook, hubspot, salesforce];
