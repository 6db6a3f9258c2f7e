import type { DestinationDefinition } from './destination.ts';
import { slack } from './slack/index.ts';

/** Every kind of destination. Adding one: its folder and its line here. Nothing else. */
export const destinations: readonly DestinationDefinition[] = [slack];
