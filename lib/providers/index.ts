import { hamsa } from './hamsa/index.ts';
import type { Provider } from './provider.ts';
import { samva } from './samva/index.ts';
import { solum } from './solum/index.ts';
import { vozagent } from './vozagent/index.ts';

/** Every provider. Adding one: its folder, its line here, its fixtures. Nothing else. */
export const providers: readonly Provider[] = [hamsa, samva, solum, vozagent];

/** @throws Error for an id that is in no folder: a registry that answers undefined hides misspellings. */
export function providerById(id: string): Provider {
  const provider = providers.find((candidate) => candidate.id === id);
  if (!provider) throw new Error(`There is no provider ${JSON.stringify(id)}`);
  return provider;
}
